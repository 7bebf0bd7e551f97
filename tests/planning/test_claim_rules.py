"""Rules between a model's claim and the devices of its pool, each as a person reads it."""

import pytest

from tests.planning.claiming import (
    EAST,
    H100,
    SHARE,
    Changes,
    claim,
    cut,
    dra,
    hami_claim,
)
from tests.planning.planned import refusals

BROKEN: list[tuple[Changes, str]] = [
    (
        dra() | {"models.tiny.share": SHARE},
        (
            "models.tiny.share: pool 'l4' hands out its GPUs by `dra`, which knows no `share`; "
            "ask with `gpus: 1`, or use a pool of hami or hami-dra [settings/sharing.py]"
        ),
    ),
    (
        claim(share=SHARE),
        (
            "models.tiny.device.share: is a part of a GPU, and the driver of `dra` hands out "
            "whole ones; leave it out, or use a pool of hami-dra, whose driver divides GPUs "
            "[catalog/device_drivers.py]"
        ),
    ),
    (
        hami_claim(share={"memory_gib": 40, "cores_percent": 30}),
        (
            "models.tiny.device.share.memory_gib: 40 GiB is more than one l4 has (22 GiB); ask "
            "for at most 22, or for whole GPUs on another pool [catalog/instance_type_facts.py]"
        ),
    ),
    (
        dra() | {"models.tiny.mig": "1g.10gb"},
        (
            "models.tiny.mig: 1g.10gb, but no GPU of the pool is ever cut into MIG instances; "
            "use a pool of `{kind: dra, dynamic_mig: true}` or of mig [settings/sharing.py]"
        ),
    ),
    (
        claim(mig="1g.10gb"),
        (
            "models.tiny.device.mig: 1g.10gb, but no GPU of the pool is ever cut into MIG "
            "instances; use a pool of `{kind: dra, dynamic_mig: true}` or of mig "
            "[settings/sharing.py]"
        ),
    ),
    (
        dra(dynamic_mig=True) | H100 | {"models.tiny.mig": "1g.5gb"},
        (
            "models.tiny.mig: 1g.5gb is no profile of the h100 of p5.4xlarge; use one of "
            "1g.10gb, 1g.20gb, 2g.20gb, 3g.40gb, 4g.40gb, 7g.80gb [catalog/mig.py]"
        ),
    ),
    (
        cut(mig="1g.10gb", count=2),
        (
            "models.tiny.device.mig: 2 instances of 1g.10gb: one engine cannot span several "
            "instances; use one larger profile, or whole GPUs [NVIDIA MIG User Guide: CUDA sees"
            " one compute instance per process]"
        ),
    ),
    (
        claim(product="H100"),
        (
            "models.tiny.device.product: no device of the pool is a 'H100': they are NVIDIA L4;"
            " leave it out, or use a pool of other GPUs [catalog/gpu_products.py]"
        ),
    ),
    (
        claim(architecture="Hopper"),
        (
            "models.tiny.device.architecture: no device of the pool is of 'Hopper': they are "
            "Ada Lovelace; leave it out, or use a pool of other GPUs [catalog/gpu_products.py]"
        ),
    ),
    (
        claim(architecture="ada lovelace"),
        (
            "models.tiny.device.architecture: no device of the pool is of 'ada lovelace': they "
            "are Ada Lovelace; write 'Ada Lovelace', or use a pool of other GPUs "
            "[catalog/gpu_products.py]"
        ),
    ),
    (
        claim(min_compute_capability="9.0"),
        (
            "models.tiny.device.min_compute_capability: 9.0, but the devices of the pool have "
            "8.9; lower it, or use a pool of other GPUs [catalog/gpu_products.py]"
        ),
    ),
    (
        claim(min_memory_gib=23),
        (
            "models.tiny.device.min_memory_gib: 23 GiB, but the driver says 23,034 MiB of each "
            "device of the pool, which is 22.5 GiB; ask for at most 22, or use a pool of other "
            "GPUs [catalog/gpu_products.py]"
        ),
    ),
    (
        cut(mig="1g.10gb", min_memory_gib=10),
        (
            "models.tiny.device.min_memory_gib: 10 GiB, but the driver says 9,984 MiB of each "
            "device of the pool, which is 9.8 GiB; ask for at most 9, or use a pool of other "
            "GPUs [catalog/gpu_products.py]"
        ),
    ),
    (
        claim(cel="device.attributes['gpu.nvidia.com'].prodName == 'x'"),
        (
            "models.tiny.device.cel: reads the attribute 'prodName', which 'gpu.nvidia.com' "
            "does not publish; did you mean 'productName'? [catalog/device_drivers.py]"
        ),
    ),
    (
        hami_claim(cel="device.attributes['hami-core-gpu.project-hami.io'].pciBusID == 'x'"),
        (
            "models.tiny.device.cel: reads the attribute 'pciBusID', which "
            "'hami-core-gpu.project-hami.io' does not publish; did you mean 'pcieBusID'? "
            "[catalog/device_drivers.py]"
        ),
    ),
    (
        claim(alternatives=[{"count": 2}]),
        (
            "models.tiny.device.alternatives.0.count: is 2, but the engine is started for 1 "
            "device, as the first ask says; use 1 here too, or another model entry [vLLM "
            "0.33.0: --tensor-parallel-size is fixed when the engine starts]"
        ),
    ),
    (
        claim(alternatives=[{"product": "H100"}], cel="device.driver == 'gpu.nvidia.com'"),
        (
            "models.tiny.device.alternatives.0.product: no device of the pool is a 'H100': they"
            " are NVIDIA L4; leave it out, or use a pool of other GPUs "
            "[catalog/gpu_products.py]"
        ),
    ),
    (
        claim(count=2, same="pcieRoot") | {"pools.l4.instances": ["g6.12xlarge"]},
        (
            "models.tiny.device.same: 2 GPUs at one PCIe root, but of g6.12xlarge no layout is "
            "published, so that each is taken to have its own; leave it out "
            "[catalog/gpu_topology.py]"
        ),
    ),
    (
        claim(count=4, same="pcieRoot") | {"pools.l4.instances": ["p4d.24xlarge"]},
        (
            "models.tiny.device.same: 4 GPUs at one PCIe root, but of p4d.24xlarge at most 2 "
            "have theirs in common; leave it out, or ask for 2 [catalog/gpu_topology.py]"
        ),
    ),
    (
        claim(count=2),
        (
            "models.tiny.device: 2 GPUs per replica, but no instance of pool 'l4' has more than"
            " 1 (g6.2xlarge); use at most 1, or add a larger type to pools.l4.instances "
            "[catalog/instance_type_facts.py]"
        ),
    ),
]


@pytest.mark.parametrize(("changes", "expected"), BROKEN, ids=[row[1][:60] for row in BROKEN])
def test_a_broken_rule_is_one_finding_with_its_fix_and_its_source(changes: Changes, expected: str):
    assert refusals(changes, EAST) == [expected]
