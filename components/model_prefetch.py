"""A Job that brings one revision of a model into the model bucket, and may do nothing else."""

import json
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.batch.v1 import Job
from pulumi_kubernetes.core.v1 import ServiceAccount

from components.account_role import Account, AccountRole, account_role
from components.manifests import metadata, timeouts
from components.prefetch_manifests import job_name, job_spec, write_policy
from planning.specs.loading import PrefetchSpec

START_SECONDS = 600
"""Room and image, before the Job's own time begins to matter."""
DELETE_SECONDS = 300
REPLACE_FAILED = {"pulumi.com/replaceUnready": "true"}
"""A Job that failed is run anew by the next update, and goes on where it ended."""


@dataclass(frozen=True, kw_only=True)
class ModelPrefetchArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: PrefetchSpec
    namespace: pulumi.Input[str]
    """Namespace of the Job, `spec.namespace` once it exists."""
    cluster_name: pulumi.Input[str]
    bucket_name: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    token_secret: pulumi.Input[str] | None = None
    """Secret with the token of the Hub, where the spec names its variable."""
    after: tuple[pulumi.Resource, ...] = ()
    """What a pod without a GPU needs to run, and to reach the Hub."""


class ModelPrefetch(pulumi.ComponentResource):
    """Role, account and Job of one revision; what waits for the component finds it whole.

    A destroy leaves what the bucket holds.
    Errors: `up` fails when the Job has not brought everything within `spec.deadline_seconds`.
    """

    def __init__(
        self, name: str, args: ModelPrefetchArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:ModelPrefetch", name, None, opts)
        spec, inside = args.spec, pulumi.ResourceOptions(parent=self)
        if spec.token_variable is not None and args.token_secret is None:
            raise ValueError(f"{spec.name} shows a token to the Hub; pass `token_secret`")
        role = _role(name, args, self)
        account = ServiceAccount(
            f"{name}-account",
            metadata=metadata(spec.name, args.namespace, spec.labels),
            automount_service_account_token=False,
            opts=inside,
        )
        Job(
            f"{name}-job",
            metadata=metadata(job_name(spec), args.namespace, spec.labels, REPLACE_FAILED),
            spec=job_spec(spec, account.metadata.name, args.bucket_name, args.token_secret),
            opts=pulumi.ResourceOptions(
                parent=self,
                # A pod gets the role when it starts, and uses it until it ends.
                depends_on=[*role.resources, *args.after],
                custom_timeouts=timeouts(
                    roll_seconds=spec.deadline_seconds + START_SECONDS,
                    delete_seconds=DELETE_SECONDS,
                ),
            ),
        )
        self.register_outputs({})


def _role(name: str, args: ModelPrefetchArgs, parent: pulumi.Resource) -> AccountRole:
    """Make the role that may fill the one prefix, for the one account."""
    spec = args.spec
    document = pulumi.Output.from_input(args.bucket_arn).apply(
        lambda arn: json.dumps(write_policy(arn, spec.prefix))
    )
    account = Account(cluster=spec.cluster_name, namespace=spec.namespace, name=spec.name)
    return account_role(name, account, document, cluster_name=args.cluster_name, parent=parent)
