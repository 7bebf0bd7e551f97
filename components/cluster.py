"""The EKS control plane, who may enter it, and what it needs before the first node."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from components.access import cluster_access, ways_to_endpoint
from components.addons import Addons, AddonsArgs
from components.auto_mode import balancing_load, storing_blocks
from components.cluster_role import cluster_role
from components.iam import Arn
from components.kubeconfig import kubeconfig
from planning.specs.base import DISCOVERY_TAG
from planning.specs.infrastructure import ClusterSpec

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")


@dataclass(frozen=True, kw_only=True)
class EksClusterArgs:
    """`spec` is known before the update; `subnet_ids` is a wire."""

    spec: ClusterSpec
    subnet_ids: pulumi.Input[list[str]]
    """Private subnets in at least two zones; the control plane's interfaces lie there."""


class EksCluster(pulumi.ComponentResource):
    """An EKS cluster without nodes, entered by those whom the spec names and by nobody else.

    Every object of the Kubernetes API is encrypted with a key that AWS owns. A customer key comes
    around it only when the spec names one, since it can never be taken away again; the identity
    that runs the update then needs kms:DescribeKey and kms:CreateGrant on it.
    Errors: an identity that runs the update and is not among `admins` makes the cluster, and is
    then refused by its Kubernetes API.
    """

    cluster_name: pulumi.Output[str]
    cluster_arn: pulumi.Output[str]
    kubernetes_version: pulumi.Output[str]
    """Minor version, `1.36`; node groups follow it."""
    endpoint: pulumi.Output[str]
    certificate_authority: pulumi.Output[str]
    """PEM in base64."""
    security_group_id: pulumi.Output[str]
    """What EKS makes for the control plane and gives to every node."""
    provider: kubernetes.Provider
    """The Kubernetes API as the admins see it; waits for their access."""
    access: tuple[pulumi.Resource, ...]
    """Access entries with their policies, and the ways to the private endpoint."""
    before_nodes: tuple[pulumi.Resource, ...]
    """Add-ons and tags that must be there before a node joins, and until the last one is gone."""

    def __init__(
        self, name: str, args: EksClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:EksCluster", name, None, opts)
        spec, child = args.spec, pulumi.ResourceOptions(parent=self)
        cluster = self._control_plane(name, args)
        self.cluster_name, self.cluster_arn = cluster.name, cluster.arn
        self.kubernetes_version = cluster.version
        self.endpoint = cluster.endpoint
        self.certificate_authority = cluster.certificate_authority.apply(
            lambda authority: answered(authority.data, "certificate authority")
        )
        self.security_group_id = cluster.vpc_config.apply(
            lambda vpc: answered(vpc.cluster_security_group_id, "cluster security group")
        )
        ways = ways_to_endpoint(name, spec.private_access_cidrs, self.security_group_id, self)
        self.access = (*cluster_access(name, spec, cluster, self), *ways)
        discovered = aws.ec2.Tag(
            f"{name}-discovery",
            resource_id=self.security_group_id,
            key=DISCOVERY_TAG,
            value=self.cluster_name,
            opts=child,
        )
        addons = Addons(
            f"{name}-addons",
            AddonsArgs(specs=spec.addons_before_nodes, cluster_name=self.cluster_name),
            child,
        )
        self.before_nodes = (discovered, *addons.installed)
        self.provider = self._kubernetes(name)
        self.register_outputs(
            {
                "cluster_name": self.cluster_name,
                "cluster_arn": self.cluster_arn,
                "kubernetes_version": self.kubernetes_version,
                "endpoint": self.endpoint,
                "certificate_authority": self.certificate_authority,
                "security_group_id": self.security_group_id,
            }
        )

    def _control_plane(self, name: str, args: EksClusterArgs) -> aws.eks.Cluster:
        spec, child = args.spec, pulumi.ResourceOptions(parent=self)
        role, allowed = cluster_role(name, self, auto_mode=spec.auto_mode)
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=f"/aws/eks/{spec.name}/cluster",
            retention_in_days=spec.log_retention_days,
            opts=child,
        )
        return aws.eks.Cluster(
            f"{name}-control-plane",
            name=spec.name,
            version=spec.kubernetes,
            role_arn=role.arn,
            vpc_config=aws.eks.ClusterVpcConfigArgs(
                subnet_ids=args.subnet_ids,
                endpoint_private_access=True,
                endpoint_public_access=bool(spec.public_access_cidrs),
                public_access_cidrs=[*spec.public_access_cidrs] or None,
            ),
            access_config=aws.eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            bootstrap_self_managed_addons=False,
            # All three or none of them: EKS refuses a part of Auto Mode.
            compute_config=(
                aws.eks.ClusterComputeConfigArgs(enabled=True) if spec.auto_mode else None
            ),
            kubernetes_network_config=balancing_load() if spec.auto_mode else None,
            storage_config=storing_blocks() if spec.auto_mode else None,
            deletion_protection=spec.deletion_protection,
            encryption_config=around_secrets(spec.secrets_kms_key_arn),
            enabled_cluster_log_types=[*LOG_TYPES],
            kube_scheduler_config=gpus_packed_tight(),
            # EKS would otherwise keep an old minor at six times the price.
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type="STANDARD"),
            zonal_shift_config=aws.eks.ClusterZonalShiftConfigArgs(enabled=True),
            # EKS makes the log group itself when there is none, and then keeps its logs for ever.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*allowed, logs]),
        )

    def _kubernetes(self, name: str) -> kubernetes.Provider:
        config = pulumi.Output.all(
            self.cluster_name, self.endpoint, self.certificate_authority, self.cluster_arn
        ).apply(lambda known: kubeconfig(known[0], known[1], known[2], Arn.parse(known[3]).region))
        return kubernetes.Provider(
            f"{name}-kubernetes",
            kubeconfig=config,
            # Unique per cluster, also after a replacement of the same name; everything else in the
            # kubeconfig may change without every object being made anew.
            cluster_identifier=self.endpoint,
            enable_server_side_apply=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self.access]),
        )


def answered(value: str | None, what: str) -> str:
    """Return what EKS answered.

    Raises:
        ValueError: It answered without `what`, so that no kubeconfig or tag could be right.
    """
    if not value:
        raise ValueError(f"EKS made the cluster and named no {what}")
    return value


def around_secrets(key_arn: str | None) -> aws.eks.ClusterEncryptionConfigArgs | None:
    """Return the envelope of a customer key; None leaves encryption to the key of AWS.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/envelope-encryption.html
    """
    if key_arn is None:
        return None
    return aws.eks.ClusterEncryptionConfigArgs(
        provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=key_arn),
        resources=["secrets"],
    )


def gpus_packed_tight() -> aws.eks.ClusterKubeSchedulerConfigArgs:
    """Return the scheduler's scoring that fills a GPU node before it opens the next.

    So a node comes empty, and Karpenter can end it. Pods without a GPU are scored as ever.
    Source: https://docs.aws.amazon.com/eks/latest/userguide/control-plane-configuration.html
    """
    gpu = aws.eks.ClusterKubeSchedulerConfigNodeResourcesFitScoringStrategyResourceArgs(
        name="nvidia.com/gpu", weight=1
    )
    strategy = aws.eks.ClusterKubeSchedulerConfigNodeResourcesFitScoringStrategyArgs(
        type="MostAllocated", resources=[gpu]
    )
    return aws.eks.ClusterKubeSchedulerConfigArgs(
        node_resources_fit=aws.eks.ClusterKubeSchedulerConfigNodeResourcesFitArgs(
            scoring_strategy=strategy
        )
    )
