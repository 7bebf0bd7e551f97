"""Where models live: their namespace, the bucket they read, and the files they may share."""

from dataclasses import dataclass

import pulumi

from components.model_bucket import BucketReader, BucketReaderArgs, ModelBucket, ModelBucketArgs
from components.model_namespace import ModelNamespace, ModelNamespaceArgs
from components.shared_files import SharedFiles, SharedFilesArgs
from planning.plan import Plan
from stacks.foundation import Foundation


@dataclass(frozen=True, kw_only=True)
class ModelStorage:
    """The models' namespace and what its pods read."""

    home: ModelNamespace
    bucket: ModelBucket | None
    readers: dict[str, BucketReader]
    """By model; none without a bucket."""
    files: SharedFiles | None

    def read_by(self, model: str) -> tuple[pulumi.Resource, ...]:
        """Return what must be there before a pod of the model starts."""
        return (self.readers[model],) if model in self.readers else ()


def store_models(plan: Plan, foundation: Foundation, *, protected: bool) -> ModelStorage:
    """Make the models' namespace and storage; `protected` guards what holds data."""
    home = ModelNamespace(
        "models", ModelNamespaceArgs(spec=plan.models_namespace), foundation.in_cluster
    )
    guarded = pulumi.ResourceOptions(protect=protected)
    bucket = plan.model_bucket and ModelBucket(
        "model-store",
        ModelBucketArgs(spec=plan.model_bucket, emptied_when_deleted=not protected),
        foundation.on_aws.merge(guarded),
    )
    return ModelStorage(
        home=home,
        bucket=bucket,
        readers=_readers(plan, foundation, bucket) if bucket else {},
        files=_shared_files(plan, foundation, home, bucket, guarded),
    )


def _readers(plan: Plan, foundation: Foundation, bucket: ModelBucket) -> dict[str, BucketReader]:
    return {
        spec.name: BucketReader(
            f"{spec.name}-reader",
            BucketReaderArgs(
                namespace=spec.namespace,
                service_account=spec.name,
                cluster_name=foundation.cluster.cluster_name,
                role_arn=bucket.reader_role_arn,
            ),
            foundation.on_aws,
        )
        for spec in plan.models
    }


def _shared_files(
    plan: Plan,
    foundation: Foundation,
    home: ModelNamespace,
    bucket: ModelBucket | None,
    guarded: pulumi.ResourceOptions,
) -> SharedFiles | None:
    cluster, network = foundation.cluster, foundation.network
    return plan.shared_files and SharedFiles(
        "model-files",
        SharedFilesArgs(
            spec=plan.shared_files,
            namespace=home.namespace,
            cluster_name=cluster.cluster_name,
            vpc_id=network.vpc_id,
            subnet_ids=network.private_subnet_ids,
            nodes_group_id=cluster.security_group_id,
            bucket_name=bucket.bucket_name if bucket else None,
            after=foundation.runs_pods,
        ),
        foundation.in_cluster.merge(guarded),
    )
