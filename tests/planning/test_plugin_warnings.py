"""What slices and MIG instances of the NVIDIA device plugin warn of."""

from typing import Any

import pytest

from tests.planning.planned import planned
from tests.planning.test_plugin_ways import (
    AUTOSCALER,
    MPS,
    REGION,
    SLICES,
    managed,
    mig,
    on_karpenter,
)


def warnings(changes: dict[str, Any]) -> list[str]:
    found = [str(warning) for warning in planned(changes).warnings]
    return [warning for warning in found if warning.startswith("pools.")]


def test_time_slicing_warns_once_per_pool_that_nothing_guards_the_memory():
    assert warnings(managed(SLICES)) == [
        (
            "pools.l4.sharing: time-slicing keeps no model from the memory of its neighbours on a "
            "GPU, nor from ending with them when one fails; use `mps` or `hami`, or `mig` where "
            "the GPU has it, for models that must not take from each other "
            "[NVIDIA/cloud-native-docs: gpu-operator/gpu-sharing.rst]"
        )
    ]


def test_an_overlay_warns_that_it_is_alpha():
    assert warnings(
        on_karpenter(
            MPS, **{"karpenter.node_overlay": True, "models.chat.model": "Qwen/Qwen3-0.6B"}
        )
    ) == [
        (
            "pools.l40s.provisioner: rests on NodeOverlay, which is alpha in Karpenter 1.14.1: a "
            "release that changes it starts the wrong number of nodes; move `karpenter.version` in "
            "dev first, or use `provisioner: managed` [karpenter.sh/docs/reference/settings, "
            "feature gates]"
        )
    ]


def test_slices_from_no_nodes_warn_that_too_many_start():
    changes = managed(MPS) | {"pools.l4.nodes": {"min": 0, "max": 3}, "budget.gpus": 11}
    assert warnings(changes) == [
        (
            "pools.l4.nodes: starts from none, and Cluster Autoscaler takes a node that does not "
            "run yet for its 1 GPU, not for its 4 slices: it starts too many, and ends those that "
            f"stay empty; use `nodes: {{min: 1, max: 3}}` {AUTOSCALER}"
        )
    ]


@pytest.mark.parametrize("way", ["whole", "mps", "mig"])
def test_a_fixed_managed_pool_warns_of_nothing_but_its_size(way: str):
    sharing = {"mps": MPS, "mig": mig(profile="1g.24gb")}.get(way, {"kind": way})
    changes = managed(sharing, "g7e.2xlarge")
    found = [str(warning) for warning in planned(changes, REGION).warnings]
    about = [warning for warning in found if warning.startswith("pools.")]
    assert not [warning for warning in about if not warning.startswith("pools.l4.nodes: gives no")]
