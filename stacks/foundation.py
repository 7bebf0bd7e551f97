"""The layer below everything: network, control plane, system nodes, add-ons."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.addons import Addons, AddonsArgs
from components.cluster import EksCluster, EksClusterArgs
from components.network import Network, NetworkArgs
from components.storage import Storage, StorageArgs
from components.system_nodes import SystemNodes, SystemNodesArgs
from planning.naming import cost_tags
from planning.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """A cluster on which controllers can run."""

    aws: aws.Provider
    network: Network
    cluster: EksCluster
    system_nodes: SystemNodes
    addons: Addons
    storage: Storage

    @property
    def on_aws(self) -> pulumi.ResourceOptions:
        """Options of a component that makes AWS resources only."""
        return pulumi.ResourceOptions(provider=self.aws)

    @property
    def in_cluster(self) -> pulumi.ResourceOptions:
        """Options of a component that makes Kubernetes objects, and perhaps AWS resources."""
        return pulumi.ResourceOptions(providers=[self.aws, self.cluster.provider])

    @property
    def joins(self) -> tuple[pulumi.Resource, ...]:
        """What a node needs to join, and to leave at a destroy: ways out and network add-ons."""
        return (*self.network.egress, *self.cluster.before_nodes)

    @property
    def runs_pods(self) -> tuple[pulumi.Resource, ...]:
        """What a controller needs: nodes without a GPU, DNS and volumes."""
        return (self.system_nodes, *self.addons.installed, self.storage)


def lay_foundation(plan: Plan, *, protected: bool) -> Foundation:
    """Make the foundation; `protected` refuses its deletion until the protection is lifted."""
    tags = cost_tags(plan.stack)
    provider = aws.Provider(
        "aws", region=plan.region, default_tags=aws.ProviderDefaultTagsArgs(tags=tags)
    )
    on_aws = pulumi.ResourceOptions(provider=provider)
    guarded = pulumi.ResourceOptions(provider=provider, protect=protected)
    network = Network("network", NetworkArgs(spec=plan.network), guarded)
    cluster = EksCluster(
        "cluster",
        EksClusterArgs(spec=plan.cluster, subnet_ids=network.private_subnet_ids),
        guarded,
    )
    system_nodes = SystemNodes(
        "system",
        SystemNodesArgs(
            spec=plan.system_nodes,
            cluster_name=cluster.cluster_name,
            kubernetes_version=cluster.kubernetes_version,
            subnet_ids=network.private_subnet_ids,
            after=(*network.egress, *cluster.before_nodes),
        ),
        on_aws,
    )
    addons = Addons(
        "addons",
        AddonsArgs(
            specs=plan.cluster.addons_after_nodes,
            cluster_name=cluster.cluster_name,
            after=(system_nodes,),
        ),
        on_aws,
    )
    storage = Storage(
        "storage",
        StorageArgs(spec=plan.storage, after=addons.installed),
        pulumi.ResourceOptions(providers=[provider, cluster.provider]),
    )
    return Foundation(
        aws=provider,
        network=network,
        cluster=cluster,
        system_nodes=system_nodes,
        addons=addons,
        storage=storage,
    )
