"""A Karpenter GPU pool: a NodePool and the EC2NodeClass that its nodes are started from.

Source: https://karpenter.sh/docs/concepts/nodepools/ and .../nodeclasses/ (`v1`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.node_overlay import node_overlays
from components.node_pool import dynamic_node_pool, supplied_from
from components.user_data import user_data
from planning.specs.base import PART_OF
from planning.specs.node_images import DiskSpec
from planning.specs.pools import GpuPoolSpec

NODE_CLASS = {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass"}


@dataclass(frozen=True, kw_only=True)
class GpuPoolArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: GpuPoolSpec
    node_role_name: pulumi.Input[str]
    instance_profile_name: pulumi.Input[str] | None = None
    """Takes the place of the role where Karpenter cannot reach the IAM API."""
    after: tuple[pulumi.Resource, ...] = ()
    """What ends the nodes at a destroy: Karpenter, and the ways out that a drain needs."""


class GpuPool(pulumi.ComponentResource):
    """A NodePool and its EC2NodeClass, tainted so that only pods that ask for a GPU land there.

    A destroy waits until the pool's nodes are gone: NodeClaims belong to their NodePool.
    Units: `gpu_limit` in devices; Karpenter may pass it by what one burst of pods asks for.
    Errors: a role without an EKS access entry passes the update, but its nodes never register.
    """

    pool_name: pulumi.Output[str]
    """Value of the node label `karpenter.sh/nodepool`; resolves once the pool exists."""

    def __init__(
        self, name: str, args: GpuPoolArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:GpuPool", name, None, opts)
        pool_name = args.spec.name
        metadata = ObjectMetaArgs(name=pool_name, labels=PART_OF)
        overlays = node_overlays(
            name, args.spec.overlays, pulumi.ResourceOptions(parent=self, depends_on=[*args.after])
        )
        # A NodePool is gone when its nodes are.
        waits = pulumi.CustomTimeouts(delete=f"{args.spec.delete_minutes}m")
        node_class = CustomResource(
            f"{name}-class",
            api_version="karpenter.k8s.aws/v1",
            kind=NODE_CLASS["kind"],
            metadata=metadata,
            spec=node_class_spec(args.spec, _identity(args)),
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[*args.after], custom_timeouts=waits
            ),
        )
        pool = CustomResource(
            f"{name}-pool",
            api_version="karpenter.sh/v1",
            kind="NodePool",
            metadata=metadata,
            spec=node_pool_spec(args.spec),
            opts=pulumi.ResourceOptions(
                parent=self,
                # Without its overlays Karpenter would start nodes for what their types offer.
                depends_on=[node_class, *overlays, *args.after],
                custom_timeouts=waits,
                # The API makes no static pool of a dynamic one, nor the other way round.
                replacement_trigger="static" if args.spec.static else "dynamic",
                delete_before_replace=True,
            ),
        )
        self.pool_name = pool.urn.apply(lambda _: pool_name)
        self.register_outputs({"pool_name": self.pool_name})


def _identity(args: GpuPoolArgs) -> dict[str, pulumi.Input[str]]:
    if args.instance_profile_name is not None:
        return {"instanceProfile": args.instance_profile_name}
    return {"role": args.node_role_name}


def node_class_spec(spec: GpuPoolSpec, identity: Mapping[str, pulumi.Input[str]]) -> dict[str, Any]:
    """Return the EC2NodeClass spec: image, network, disks, metadata; `identity` is role or profile.

    Karpenter takes the NVIDIA variant of an aliased image by itself. The volumes keep gp3's own
    speed: with RAID0, images and weights lie on the instance's NVMe disks.
    """
    # One hop: a pod cannot reach the metadata service, and so not the node's role.
    metadata = {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1}
    node_class: dict[str, Any] = {
        **identity,
        **supplied_from(spec),
        "amiSelectorTerms": [{"alias": spec.ami_alias}],
        "instanceStorePolicy": "RAID0",
        "metadataOptions": metadata,
        "blockDeviceMappings": [_mapping(disk) for disk in spec.disks],
    }
    if spec.user_data is not None:
        node_class["userData"] = user_data(spec.user_data)
    return node_class


def _mapping(disk: DiskSpec) -> dict[str, Any]:
    volume = {
        "volumeSize": f"{disk.size_gib}Gi",
        "volumeType": "gp3",
        "encrypted": True,
        "deleteOnTermination": True,
    }
    return {"deviceName": disk.device, "ebs": volume}


def node_pool_spec(spec: GpuPoolSpec) -> dict[str, Any]:
    """Return the NodePool spec: what may be started, how much of it, and when it ends."""
    # With an overlay Karpenter counts slices or MIG instances, also against its limit.
    return dynamic_node_pool(spec, NODE_CLASS, spec.devices_per_gpu)
