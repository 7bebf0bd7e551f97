"""The bucket of model weights, and who reads it."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.iam import Policy, allow, namespace_trust, policy
from planning.specs.storage import ModelBucketSpec


@dataclass(frozen=True, kw_only=True)
class ModelBucketArgs:
    """Both fields are known before the update."""

    spec: ModelBucketSpec
    emptied_when_deleted: bool
    """Whether a deletion takes the objects along; otherwise S3 refuses it while there are any."""


class ModelBucket(pulumi.ComponentResource):
    """A versioned, encrypted bucket that is never public, and the role that reads it.

    Only pods of the spec's namespace in the spec's cluster can take the role, each through an
    association of its own (`BucketReader`). The engine names the bucket.
    """

    bucket_name: pulumi.Output[str]
    """Resolves once nothing can be read from it in clear or by the public."""
    bucket_arn: pulumi.Output[str]
    reader_role_arn: pulumi.Output[str]
    """Role for `BucketReader`; resolves once it may read."""

    def __init__(
        self, name: str, args: ModelBucketArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:ModelBucket", name, None, opts)
        self._prefix, self._child = name, pulumi.ResourceOptions(parent=self)
        bucket = aws.s3.Bucket(
            f"{name}-bucket", force_destroy=args.emptied_when_deleted, opts=self._child
        )
        self._keep_versions(bucket, args.spec)
        guard = self._close(bucket)
        self.bucket_arn = bucket.arn
        self.bucket_name = pulumi.Output.all(bucket.id, guard.id).apply(lambda known: known[0])
        self.reader_role_arn = self._reader(bucket, args.spec)
        self.register_outputs(
            {
                "bucket_name": self.bucket_name,
                "bucket_arn": self.bucket_arn,
                "reader_role_arn": self.reader_role_arn,
            }
        )

    def _keep_versions(self, bucket: aws.s3.Bucket, spec: ModelBucketSpec) -> None:
        """Keep what was replaced for a while, and nothing that was never finished."""
        versioning = aws.s3.BucketVersioning(
            f"{self._prefix}-versions",
            bucket=bucket.id,
            versioning_configuration={"status": "Enabled"},
            opts=self._child,
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{self._prefix}-lifecycle",
            bucket=bucket.id,
            rules=[
                {
                    "id": "noncurrent-versions",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "noncurrent_version_expiration": {"noncurrent_days": spec.noncurrent_days},
                    "expiration": {"expired_object_delete_marker": True},
                },
                {
                    "id": "abandoned-uploads",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "abort_incomplete_multipart_upload": {
                        "days_after_initiation": spec.abandoned_upload_days
                    },
                },
                {
                    "id": "bench-results",
                    "status": "Enabled",
                    "filter": {"prefix": spec.results_prefix},
                    "expiration": {"days": spec.results_days},
                },
            ],
            # Rules about noncurrent versions want a bucket that has versions.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning]),
        )

    def _close(self, bucket: aws.s3.Bucket) -> aws.s3.BucketPolicy:
        """Encrypt what lies there and what travels, and close every way to the public."""
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{self._prefix}-encryption",
            bucket=bucket.id,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
            opts=self._child,
        )
        owned = aws.s3.BucketOwnershipControls(
            f"{self._prefix}-ownership",
            bucket=bucket.id,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=self._child,
        )
        private = aws.s3.BucketPublicAccessBlock(
            f"{self._prefix}-private",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[owned]),
        )
        return aws.s3.BucketPolicy(
            f"{self._prefix}-encrypted-transport",
            bucket=bucket.id,
            policy=bucket.arn.apply(lambda arn: json.dumps(transport_policy(arn))),
            # S3 answers OperationAborted to two changes of a bucket's access at a time.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[private]),
        )

    def _reader(self, bucket: aws.s3.Bucket, spec: ModelBucketSpec) -> pulumi.Output[str]:
        role = aws.iam.Role(
            f"{self._prefix}-reader-role",
            assume_role_policy=json.dumps(reader_trust(spec.cluster_name, spec.namespace)),
            opts=self._child,
        )
        may_read = aws.iam.RolePolicy(
            f"{self._prefix}-read",
            role=role.name,
            policy=bucket.arn.apply(lambda arn: json.dumps(read_policy(arn))),
            opts=self._child,
        )
        return pulumi.Output.all(role.arn, may_read.id).apply(lambda known: known[0])


@dataclass(frozen=True, kw_only=True)
class BucketReaderArgs:
    """`namespace` and `service_account` are known before the update; the others are wires."""

    namespace: str
    service_account: str
    cluster_name: pulumi.Input[str]
    role_arn: pulumi.Input[str]


class BucketReader(pulumi.ComponentResource):
    """One ServiceAccount that may read the model bucket; it need not exist yet.

    A pod gets the role when it starts, so pods come after this and go before it.
    """

    def __init__(
        self, name: str, args: BucketReaderArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:BucketReader", name, None, opts)
        aws.eks.PodIdentityAssociation(
            f"{name}-identity",
            cluster_name=args.cluster_name,
            namespace=args.namespace,
            service_account=args.service_account,
            role_arn=args.role_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def reader_trust(cluster_name: str, namespace: str) -> Policy:
    """Return the trust of the reading role: pods of one namespace of one cluster."""
    return namespace_trust(cluster_name, namespace)


def read_policy(bucket_arn: str) -> Policy:
    """Return what a model service may do: list the one bucket and read its objects."""
    return policy(
        allow("ListModels", "s3:ListBucket", bucket_arn),
        allow("ReadModels", "s3:GetObject", f"{bucket_arn}/*"),
    )


def transport_policy(bucket_arn: str) -> Policy:
    """Return the bucket's policy: whoever asks without TLS is refused.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
    """
    in_clear = {"Bool": {"aws:SecureTransport": "false"}}
    everything = (bucket_arn, f"{bucket_arn}/*")
    refused = allow("RefuseClearText", "s3:*", everything, in_clear)
    return policy(refused | {"Effect": "Deny", "Principal": "*"})
