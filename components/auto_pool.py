"""A pool of EKS Auto Mode: a NodePool and the NodeClass that its nodes are started from.

Source: https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html and
.../create-node-pool.html
"""

from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.node_pool import dynamic_node_pool, supplied_from
from planning.specs.base import PART_OF
from planning.specs.pools import AutoPoolSpec

NODE_CLASS = {"group": "eks.amazonaws.com", "kind": "NodeClass"}


@dataclass(frozen=True, kw_only=True)
class AutoPoolArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: AutoPoolSpec
    node_role_name: pulumi.Input[str]
    after: tuple[pulumi.Resource, ...] = ()
    """What nodes need to join, and to leave at a destroy: their role's access, and ways out."""


class AutoPool(pulumi.ComponentResource):
    """A NodePool and its NodeClass, tainted so that only pods that ask for a GPU land there.

    EKS chooses the node image, renews it about once a week, and brings driver and device plugin.
    A destroy waits until the pool's nodes are gone: NodeClaims belong to their NodePool.
    Units: `gpu_limit` in devices; a burst of pods may pass it.
    """

    pool_name: pulumi.Output[str]
    """Value of the node label `karpenter.sh/nodepool`; resolves once the pool exists."""

    def __init__(
        self, name: str, args: AutoPoolArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:AutoPool", name, None, opts)
        pool_name = args.spec.name
        metadata = ObjectMetaArgs(name=pool_name, labels=PART_OF)
        # A NodePool is gone when its nodes are.
        waits = pulumi.CustomTimeouts(delete=f"{args.spec.delete_minutes}m")
        node_class = CustomResource(
            f"{name}-class",
            api_version="eks.amazonaws.com/v1",
            kind=NODE_CLASS["kind"],
            metadata=metadata,
            spec=auto_node_class_spec(args.spec, args.node_role_name),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*args.after], custom_timeouts=waits
            ),
        )
        pool = CustomResource(
            f"{name}-pool",
            api_version="karpenter.sh/v1",
            kind="NodePool",
            metadata=metadata,
            spec=dynamic_node_pool(args.spec, NODE_CLASS),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[node_class, *args.after], custom_timeouts=waits
            ),
        )
        self.pool_name = pool.urn.apply(lambda _: pool_name)
        self.register_outputs({"pool_name": self.pool_name})


def auto_node_class_spec(spec: AutoPoolSpec, role_name: pulumi.Input[str]) -> dict[str, Any]:
    """Return the NodeClass spec: role, network and disks; EKS leaves nothing else to decide.

    Where the instance has more NVMe than `ephemeralStorage`, EKS uses that instead.
    """
    return {
        **supplied_from(spec),
        "role": role_name,
        # As vpc-cni has it on the other nodes: a policy is enforced where there is one.
        "networkPolicy": "DefaultAllow",
        "ephemeralStorage": {"size": f"{spec.volume_gib}Gi"},
    }
