"""NodeOverlays of a Karpenter pool.

Source: https://karpenter.sh/docs/concepts/nodeoverlays/ (`v1alpha1`).
"""

from collections.abc import Iterable
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from planning.specs.base import PART_OF
from planning.specs.pools import NodeOverlaySpec


def node_overlays(
    prefix: str, specs: Iterable[NodeOverlaySpec], opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """Make the overlays of the pool with the logical name `prefix`; `opts` are those of each."""
    return [
        CustomResource(
            f"{prefix}-overlay-{spec.name}",
            api_version="karpenter.sh/v1alpha1",
            kind="NodeOverlay",
            metadata=ObjectMetaArgs(name=spec.name, labels=PART_OF),
            spec=node_overlay_spec(spec),
            opts=opts,
        )
        for spec in specs
    ]


def node_overlay_spec(spec: NodeOverlaySpec) -> dict[str, Any]:
    """Return a NodeOverlay's spec: which nodes, and what each of them offers."""
    asked = {key: [value] for key, value in spec.node_labels.items()}
    asked["node.kubernetes.io/instance-type"] = [*spec.instance_types]
    return {
        "requirements": [{"key": k, "operator": "In", "values": v} for k, v in asked.items()],
        "capacity": {name: str(count) for name, count in spec.capacity.items()},
    }
