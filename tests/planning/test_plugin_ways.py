"""Whole GPUs, slices and MIG instances of the NVIDIA device plugin: what is refused, and why."""

from typing import Any

import pytest

from tests.documents import REMOVED
from tests.planning.planned import planned, refusals

REGION = "us-east-1"
MIG = "[catalog/mig.py]"
KARPENTER = "[kubernetes-sigs/karpenter issue 2140; karpenter.sh/docs/concepts/nodeoverlays]"
AUTOSCALER = "[kubernetes/autoscaler, cluster-autoscaler/cloudprovider/aws/README.md]"
H100 = "a GPU of p5.4xlarge (h100)"
WHOLE_MODEL: dict[str, Any] = {"models.tiny.share": REMOVED}
SLICES = {"kind": "time-slicing", "replicas": 4}
MPS = {"kind": "mps", "replicas": 4}


def managed(sharing: dict[str, Any], instance: str = "g6.2xlarge", **model: Any) -> dict[str, Any]:
    """The managed pool `l4` of the small environment with another way, and its model's ask."""
    asks = {f"models.tiny.{key}": value for key, value in model.items()}
    return {
        "pools.l4.instances": [instance],
        "pools.l4.sharing": sharing,
        **WHOLE_MODEL,
        **asks,
    }


def mig(**sharing: Any) -> dict[str, Any]:
    return {"kind": "mig", **sharing}


def on_karpenter(sharing: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"pools.l40s.sharing": sharing, **more}


RULES: dict[str, tuple[dict[str, Any], str]] = {
    "MIG on a GPU that cannot be cut": (
        managed(mig(profile="1g.10gb")),
        "pools.l4.sharing: is mig, but a GPU of g6.2xlarge (l4) cannot be cut; use `time-slicing`, "
        "`mps` or `hami`, or a type of g7e, p4d, p4de, p5, p5e, p5en, p6-b200, p6-b300 " + MIG,
    ),
    "a profile of another GPU": (
        managed(mig(profile="1g.5gb"), "p5.4xlarge"),
        (
            f"pools.l4.sharing.profile: {H100} has no profile 1g.5gb; did you mean 1g.10gb or "
            f"1g.20gb or 7g.80gb? {MIG}"
        ),
    ),
    "a profile like no other": (
        managed(mig(profile="8g.735gb"), "g7e.2xlarge"),
        (
            "pools.l4.sharing.profile: a GPU of g7e.2xlarge (rtx-pro-server-6000) has no profile "
            f"8g.735gb; use one of 1g.24gb, 2g.48gb, 4g.96gb {MIG}"
        ),
    ),
    "a layout with a profile of another GPU": (
        managed(mig(layout={"1g.10gb": 1, "1g.24gb": 1}), "p5.4xlarge", mig="1g.10gb"),
        (
            f"pools.l4.sharing.layout: {H100} has no profile 1g.24gb; did you mean 1g.10gb or "
            f"1g.20gb or 3g.40gb? {MIG}"
        ),
    ),
    "a layout that is larger than a GPU": (
        managed(mig(layout={"1g.10gb": 1, "3g.40gb": 2}), "p5.4xlarge", mig="1g.10gb"),
        (
            f"pools.l4.sharing.layout: 1 x 1g.10gb and 2 x 3g.40gb do not fit {H100} together; use "
            f"`{{3g.40gb: 2}}`, or less {MIG}"
        ),
    ),
    "an instance that the pool does not have": (
        managed(mig(profile="1g.10gb"), "p5.4xlarge", mig="2g.20gb"),
        (
            "models.tiny.mig: the GPUs of pool 'l4' are not cut into 2g.20gb; use 1g.10gb, or "
            "change pools.l4.sharing [settings/sharing.py]"
        ),
    ),
    "two slices of a GPU": (
        managed(MPS, gpus=2),
        (
            "models.tiny.gpus: is 2, but further slices give a replica neither more memory nor "
            "more compute of a GPU, and the device plugin turns its pod away; use `gpus: 1`, with "
            "fewer slices per GPU (`sharing.replicas` of the pool) for a larger part, or a pool of "
            "whole GPUs [NVIDIA/cloud-native-docs: gpu-operator/gpu-sharing.rst; "
            "NVIDIA/k8s-device-plugin v0.19.3: internal/rm/rm.go]"
        ),
    ),
    "slices that Karpenter does not know of": (
        on_karpenter(SLICES),
        "pools.l40s.sharing: time-slicing on a Karpenter pool: Karpenter counts the GPUs of an "
        "instance type, not what they are shared into, and would start too many nodes; add "
        "`karpenter: {node_overlay: true}`, an alpha feature, or use `provisioner: managed` "
        + KARPENTER,
    ),
    "MIG that Karpenter does not know of": (
        on_karpenter(mig(profile="1g.10gb"), **{"pools.l40s.instances": ["p5.4xlarge"]}),
        "pools.l40s.sharing: mig on a Karpenter pool: Karpenter counts the GPUs of an instance "
        "type, not what they are shared into, and would start too many nodes; add `karpenter: "
        "{node_overlay: true}`, an alpha feature, or use `provisioner: managed` " + KARPENTER,
    ),
    "mixed MIG by Karpenter": (
        on_karpenter(
            mig(layout={"3g.40gb": 2}),
            **{
                "pools.l40s.instances": ["p5.4xlarge"],
                "karpenter.node_overlay": True,
                "models.chat.mig": "3g.40gb",
            },
        ),
        (
            "pools.l40s.sharing: mixed MIG on a Karpenter pool: instances named by profile are no "
            "nvidia.com/gpu, which is what Karpenter holds against gpu_limit; use one `profile` "
            f"with `strategy: single`, or `provisioner: managed` {KARPENTER}"
        ),
    ),
    "mixed MIG from no nodes": (
        managed(mig(layout={"3g.40gb": 2}), "p5.4xlarge", mig="3g.40gb")
        | {"pools.l4.nodes": {"min": 0, "max": 2}, "budget.gpus": 10},
        "pools.l4.nodes: starts from none, but of a node that does not run yet Cluster Autoscaler "
        "knows nvidia.com/gpu alone, and mixed MIG instances are asked for by their profiles; use "
        "`nodes: {min: 1, max: 2}`, or one `profile` with `strategy: single` " + AUTOSCALER,
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_what_cannot_work_is_refused_with_its_fix(name: str):
    changes, refusal = RULES[name]
    assert refusals(changes, REGION) == [refusal]


def second_pool(sharing: dict[str, Any], instance: str) -> dict[str, Any]:
    pool = {
        "provisioner": "managed",
        "instances": [instance],
        "nodes": 1,
        "sharing": sharing,
    }
    return {"pools.cut": pool, "budget.gpus": 20, "budget.usd_per_month": 1_000_000}


def test_one_cluster_names_mig_instances_in_one_way():
    both = managed(mig(profile="1g.10gb"), "p5.4xlarge") | second_pool(
        mig(layout={"3g.40gb": 2}), "p5.4xlarge"
    )
    assert refusals(both, REGION) == [
        (
            "pools.l4.sharing.strategy: is single, and that of pool 'cut' mixed: the device plugin "
            "names MIG instances in one way in the whole cluster; use `strategy: mixed` here too "
            "[NVIDIA/gpu-operator v26.3.3: controllers/object_controls.go, applyMIGConfiguration]"
        )
    ]
    together = both | {"pools.l4.sharing": mig(profile="1g.10gb", strategy="mixed")}
    assert planned(together, REGION).gpu_operator.release.values["mig"] == {"strategy": "mixed"}


def test_one_name_of_a_layout_means_one_layout():
    # An A100 of 40 GB has room for four of the instances of which an H100 has room for seven.
    both = managed(mig(profile="1g.10gb"), "p5.4xlarge") | second_pool(
        mig(profile="1g.10gb"), "p4d.24xlarge"
    )
    assert refusals(both, REGION) == [
        (
            "pools.cut.sharing.profile: p4d.24xlarge takes 1g.10gb: 4 per GPU, p5.4xlarge takes "
            "1g.10gb: 7: one name of the MIG manager's file means one layout; write `layout: "
            "{1g.10gb: 4}` for a pool of p4d.24xlarge alone [planning/pools/plugin_configs.py]"
        )
    ]
    written = both | second_pool(mig(layout={"1g.10gb": 4}, strategy="single"), "p4d.24xlarge")
    assert planned(written, REGION).gpu_operator.config_maps
