"""What works with claimed devices but will surprise, each as a person reads it."""

import pytest

from tests.planning.claiming import (
    EAST,
    H100,
    SHARE,
    Changes,
    by_karpenter,
    claim,
    cut,
    dra,
    hami_claim,
    hami_dra,
)
from tests.planning.planned import planned

CEL = "device.driver == 'gpu.nvidia.com'"
LIST = "[Kubernetes 1.36, resource.k8s.io/v1, DeviceRequest.firstAvailable]"


def warned(changes: Changes, path: str) -> list[str]:
    """Return what is said at a path."""
    return [str(found) for found in planned(changes, EAST).warnings if found.path == path]


@pytest.mark.parametrize(
    ("changes", "path", "expected"),
    [
        (
            by_karpenter(),
            "pools.l40s.sharing",
            (
                "pools.l40s.sharing: rests on Karpenter's support of claims, which is alpha in "
                "1.15.0: another release may start the wrong nodes, or none; move "
                "`karpenter.version` in dev first, or use `provisioner: managed` "
                "[karpenter.sh v1.15, tasks/dra]"
            ),
        ),
        (
            dra(dynamic_mig=True) | H100,
            "pools.l4.sharing.dynamic_mig",
            (
                "pools.l4.sharing.dynamic_mig: rests on the driver's gate DynamicMIG, which is "
                "alpha; use `sharing: {kind: mig}` where the cut is known beforehand "
                "[kubernetes-sigs/dra-driver-nvidia-gpu: pkg/featuregates/featuregates.go]"
            ),
        ),
        (
            hami_dra(conversion_webhook=True),
            "pools.l4.sharing.conversion_webhook",
            (
                "pools.l4.sharing.conversion_webhook: is true: pods of other teams that ask for "
                "nvidia.com/gpu get a claim on this driver, wherever they meant to run; while the "
                "webhook does not answer, none of their pods starts (failurePolicy Fail); and "
                "claims that no pod owns may stay behind; leave it out, and let them claim from "
                "DeviceClass l4.llm-platform themselves "
                "[Project-HAMi/HAMi-DRA: pkg/webhook/dra/mutating.go; issue 21]"
            ),
        ),
        (
            claim(cel=CEL),
            "models.tiny.device.cel",
            (
                "models.tiny.device.cel: is checked for its words alone: whether it compiles, at a "
                "cost that the API allows, the API server says; whether it holds for a device, the "
                "scheduler; run `make rehearse`, where both do so before a GPU is paid "
                "[Kubernetes 1.36, resource.k8s.io/v1, CELDeviceSelector]"
            ),
        ),
        (
            claim(count=2, same="pcieRoot")
            | {"pools.l4.instances": ["p4d.24xlarge"], "models.chat.pool": "l4"},
            "models.tiny.device.same",
            (
                "models.tiny.device.same: is pcieRoot, and the plan counts GPUs, not their roots: "
                "replicas of chat may leave no such GPUs free together; give the model a pool of "
                "its own [catalog/gpu_topology.py]"
            ),
        ),
        (
            claim(alternatives=[{"product": "L4"}]),
            "models.tiny.device.alternatives.0",
            (
                "models.tiny.device.alternatives.0: is never reached: a node with room for it has "
                "room for the first ask too, which is tried before; order the asks from the "
                f"largest to the smallest, or take it out {LIST}"
            ),
        ),
    ],
)
def test_a_surprise_is_said_beforehand(changes: Changes, path: str, expected: str):
    assert warned(changes, path) == [expected]


BIGGER = {"share": {"memory_gib": 8, "cores_percent": 30}}
SMALLER = {"share": {"memory_gib": 5, "cores_percent": 20}}
NEVER: dict[str, Changes] = {
    "a larger share after a smaller": hami_claim(share=SHARE, alternatives=[BIGGER]),
    "a whole GPU after a share": hami_claim(share=SHARE, alternatives=[{}]),
    "a whole GPU after an instance": cut(mig="1g.10gb", alternatives=[{}]),
    "the same instance twice": cut(mig="1g.10gb", alternatives=[{"mig": "1g.10gb"}]),
}
REACHED: dict[str, Changes] = {
    "a smaller share": hami_claim(share=SHARE, alternatives=[SMALLER]),
    "a share after a whole GPU": hami_claim(alternatives=[SMALLER]),
    "an instance after a whole GPU": cut(alternatives=[{"mig": "1g.10gb"}]),
    "after what only a node can say": claim(cel=CEL, alternatives=[{}]),
}


@pytest.mark.parametrize("changes", NEVER.values(), ids=NEVER)
def test_an_alternative_that_an_earlier_ask_forestalls_is_named(changes: Changes):
    (said,) = warned(changes, "models.tiny.device.alternatives.0")
    assert "is never reached: a node with room for it has room for the first ask too" in said


@pytest.mark.parametrize("changes", REACHED.values(), ids=REACHED)
def test_an_alternative_that_takes_less_is_let_through(changes: Changes):
    assert warned(changes, "models.tiny.device.alternatives.0") == []


def test_the_ask_that_forestalls_is_named_where_it_is_not_the_first():
    asks = [SMALLER, SMALLER]
    (said,) = warned(hami_claim(alternatives=asks), "models.tiny.device.alternatives.1")
    assert "has room for alternatives.0 too" in said
