"""Images of GPU nodes: which are refused, where, why, and what would be right."""

from typing import Any

import pytest

from tests.planning.planned import planned, refusals
from tests.planning.test_plugin_ways import MPS, REGION, SLICES, managed, mig

WHOLE = {"kind": "whole"}
PINNED = "1.64.0-0a1b2c3d"
UBUNTU = {"kind": "ubuntu", "release": "24.04", "ami": "ami-0123456789abcdef0"}
HAMI = (
    " on Bottlerocket: HAMi puts its library into /usr/local/vgpu of the node, where Bottlerocket "
    "lets nobody write, and nobody has described another way; use `image: {kind: al2023}`, or "
    "another `sharing` [Project-HAMi/HAMi v2.10.0: charts/hami/values.yaml, devicePlugin.libPath; "
    "bottlerocket-os/bottlerocket: SECURITY_FEATURES.md]"
)
BUILT_IN_MIG = (
    "[Amazon EKS User Guide, device-management-nvidia-mig; bottlerocket-os/bottlerocket issue 4483]"
)


def bottlerocket(release: str | None = PINNED) -> dict[str, Any]:
    named = {} if release is None else {"release": release}
    return {"pools.l4.image": {"kind": "bottlerocket", **named}}


def too_old(release: str, kind: str, oldest: str, why: str, source: str) -> str:
    return (
        f"pools.l4.image.release: Bottlerocket {release} is too old for `sharing: {{kind: {kind}}}`"
        f": {oldest} is the first that {why}; use 1.64.0, or `image: {{kind: al2023}}` [{source}]"
    )


CLAIMED = managed({"kind": "dra"})
OLD_MINOR = {"cluster.kubernetes": "1.35"}
RULES: dict[str, tuple[dict[str, Any], str]] = {
    "HAMi on Bottlerocket": (
        bottlerocket(),
        "pools.l4.sharing: is hami" + HAMI,
    ),
    "HAMi DRA on Bottlerocket": (
        managed({"kind": "hami-dra"}) | bottlerocket(),
        "pools.l4.sharing: is hami-dra" + HAMI,
    ),
    "claims on a Bottlerocket that keeps its device plugin": (
        CLAIMED | bottlerocket("1.62.0-0a1b2c3d"),
        too_old(
            "1.62.0-0a1b2c3d",
            "dra",
            "1.63.0",
            "can turn off its own device plugin, beside which DRA would hand out each GPU twice",
            "Amazon EKS User Guide, device-management-nvidia-dra-device-plugin",
        ),
    ),
    "MPS on a Bottlerocket before it": (
        managed(MPS) | bottlerocket("1.53.0-0a1b2c3d") | OLD_MINOR,
        too_old(
            "1.53.0-0a1b2c3d",
            "mps",
            "1.54.0",
            "is described as serving MPS",
            "catalog/bottlerocket.py",
        ),
    ),
    "Ubuntu on a Karpenter pool": (
        {"pools.l40s.image": UBUNTU, "pools.l4.image": UBUNTU},
        (
            "pools.l40s.image: is ubuntu on a Karpenter pool: Karpenter no longer writes how such "
            "a node joins the cluster; use `provisioner: managed`, or another image "
            "[aws/karpenter-provider-aws pull 6569]"
        ),
    ),
}


@pytest.mark.parametrize(("changes", "expected"), RULES.values(), ids=[*RULES])
def test_an_image_that_cannot_serve_is_refused_with_its_fix_and_its_source(
    changes: dict[str, Any], expected: str
):
    assert refusals(changes) == [expected]


def test_bottlerocket_s_device_plugin_knows_one_profile_and_one_name():
    h100 = managed(mig(profile="1g.10gb", strategy="mixed"), "p5.4xlarge")
    assert refusals(h100 | bottlerocket(), REGION) == [
        (
            "pools.l4.sharing.strategy: is mixed on Bottlerocket, whose own device plugin names "
            "every MIG instance nvidia.com/gpu; use one `profile` with `strategy: single`, or "
            "`image: {kind: "
            f"al2023}}` {BUILT_IN_MIG}"
        )
    ]
    layout = managed(mig(layout={"1g.10gb": 2}, strategy="single"), "p5.4xlarge")
    assert refusals(layout | bottlerocket(), REGION) == [
        (
            "pools.l4.sharing.layout: names instances by number on Bottlerocket, which cuts each "
            "GPU into as many of one profile as it has room for; write `profile: 1g.10gb` in its "
            f"place {BUILT_IN_MIG}"
        )
    ]


def test_bottlerocket_cuts_only_gpus_that_its_settings_can_name():
    rtx = managed(mig(profile="1g.24gb"), "g7e.2xlarge")
    assert refusals(rtx | bottlerocket(), REGION) == [
        (
            "pools.l4.sharing: is mig on Bottlerocket, whose settings have no name for the GPU of "
            "g7e.2xlarge (rtx-pro-server-6000); use a GPU that they name, a100.40gb, a100.80gb, "
            "h100.80gb, h200.141gb, or `image: {kind: al2023}` "
            "[bottlerocket.dev/en/os/1.54.x/api/settings/kubelet-device-plugins]"
        )
    ]


ONE_SYSTEM = (
    "[NVIDIA/cloud-native-docs: gpu-operator/getting-started.rst; NVIDIA/gpu-operator v26.3.3: "
    "controllers/state_manager.go, getGPUNodeOSInfo]"
)


def beside(title: str) -> str:
    return (
        "pools.l4.image: is ubuntu, on which the GPU Operator installs driver and toolkit, and "
        f"pool 'l40s' is {title}, which brings them: the operator chooses the driver after "
        "whichever GPU node it finds first, and its device plugin looks for the operator's toolkit "
        "on all of them; use one of the two for all GPU pools; al2023 and bottlerocket go together "
        f"{ONE_SYSTEM}"
    )


@pytest.mark.parametrize(
    ("other", "title"),
    [
        ({}, "Amazon Linux 2023"),
        ({"pools.l40s.image": {"kind": "bottlerocket"}}, "Bottlerocket"),
        ({"pools.l40s.provisioner": "auto"}, "of EKS Auto Mode"),
    ],
)
def test_the_operator_s_driver_stands_beside_no_image_that_brings_one(
    other: dict[str, Any], title: str
):
    found = refusals(managed(WHOLE) | {"pools.l4.image": UBUNTU} | other)
    assert beside(title) in found
    assert [one for one in found if one.startswith("pools.") and one != beside(title)] == []


def ubuntu_alone(**changes: Any) -> dict[str, Any]:
    """The small environment on Ubuntu, its Karpenter pool a managed one."""
    l40s = {"provisioner": "managed", "instances": ["g6e.2xlarge"], "nodes": 2}
    return {
        **managed(WHOLE),
        "pools.l4.image": UBUNTU,
        "pools.l40s": {**l40s, "image": UBUNTU, **changes},
    }


def test_a_cluster_has_one_version_of_ubuntu():
    other = {"image": UBUNTU | {"release": "22.04"}}
    assert refusals(ubuntu_alone(**other)) == [
        (
            "pools.l4.image.release: is 24.04, and that of pool 'l40s' 22.04: the GPU Operator "
            "installs the driver of one system for the whole cluster; use the same Ubuntu for all "
            f"GPU pools {ONE_SYSTEM}"
        )
    ]


def test_ubuntu_without_a_driver_of_the_operator_s_release_is_refused():
    newest = {"pools.l4.image": UBUNTU | {"release": "26.04"}}
    assert refusals(ubuntu_alone(image=UBUNTU | {"release": "26.04"}) | newest) == [
        f"pools.{name}.image.release: GPU Operator v26.3.3 has no driver for Ubuntu 26.04 with "
        "Kubernetes 1.36; use 22.04 or 24.04, or `image: {kind: al2023}` "
        "[NVIDIA/cloud-native-docs: gpu-operator/platform-support.rst]"
        for name in ("l4", "l40s")
    ]


def test_ubuntu_is_not_known_to_bring_the_module_of_efa():
    efa = {"instances": ["p5.48xlarge"], "nodes": 1, "zone": "us-east-1a"}
    room = {"budget.gpus": 20, "models.chat.replicas": {"min": 0, "max": 1}}
    wide = ubuntu_alone(**efa, efa=True, placement_group="cluster") | room
    assert (
        "pools.l40s.efa: is true on ubuntu: AWS puts the kernel module of EFA into Amazon Linux "
        "and Bottlerocket, and nobody says that Canonical does; use `image: {kind: al2023}`, or "
        "leave `efa` out [Amazon EKS User Guide, ml-eks-optimized-ami]"
    ) in refusals(wide, REGION)


def test_images_that_bring_the_driver_go_together():
    plan = planned({"pools.l40s.image": {"kind": "bottlerocket"}})
    assert plan.gpu_pools[0].ami_alias == "bottlerocket@v1.64.0"
    assert plan.managed_gpu_nodes[0].ami_type == "AL2023_x86_64_NVIDIA"


@pytest.mark.parametrize("sharing", [WHOLE, SLICES, MPS, {"kind": "dra"}])
def test_bottlerocket_serves_whole_gpus_slices_and_claims(sharing: dict[str, Any]):
    [group] = planned(managed(sharing) | bottlerocket()).managed_gpu_nodes
    assert (group.ami_type, group.release_version) == ("BOTTLEROCKET_x86_64_NVIDIA", PINNED)
