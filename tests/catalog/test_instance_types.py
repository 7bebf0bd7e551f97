import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from catalog.instance_type_facts import TABLE, TABLE_SHA256
from catalog.instance_types import INSTANCE_TYPES, find_instance_type, nearest_instance_types
from catalog.regions import ZONES

SURVEY = Path(__file__).resolve().parents[3] / "shared" / "data" / "instances.json"
"""An independent survey of the same sources, present where the project is developed."""


# name, GPUs, GPU, MiB per GPU, vCPU, RAM GiB, NVMe GB, EFA, Gbit/s, dollars per hour in us-east-1
PUBLISHED = """
g5.xlarge          1 a10g                 22888    4    16   250  0    2.5   1.006
g5.48xlarge        8 a10g                 22888  192   768  7600  1    100  16.288
g6.12xlarge        4 l4                   22888   48   192  3760  1     40   4.6016
gr6.4xlarge        1 l4                   22888   16   128   600  0     10   1.5392
g6e.2xlarge        1 l40s                 45776    8    64   450  0      5   2.24208
g6e.48xlarge       8 l40s                 45776  192  1536  7600  4    400  30.13118
g7e.12xlarge       2 rtx-pro-server-6000  98304   48   512  3800  1    400   8.28608
p4de.24xlarge      8 a100                 81920   96  1152  8000  4    400  27.44705
p5.48xlarge        8 h100                 81920  192  2048 30400 32   3200  55.04
p5en.48xlarge      8 h200                144384  192  2048 30400 16   3200  63.296
p6-b200.48xlarge   8 b200                183359  192  2048 30400  8   3200 113.9328
p6-b300.48xlarge   8 b300                275040  192  4096 30400 16   6400 142.416
"""


@pytest.mark.parametrize("row", PUBLISHED.split("\n")[1:-1])
def test_a_gpu_type_is_what_the_published_table_says(row: str):
    name, gpus, gpu, mib_per_gpu, vcpu, ram_gib, nvme_gb, efa, gbps, usd = row.split()
    found = INSTANCE_TYPES[name]
    assert (found.gpus, found.gpu_name) == (int(gpus), gpu)
    assert (found.gpu_memory_mib, found.nvme_gb) == (int(mib_per_gpu), int(nvme_gb))
    assert (found.vcpu, found.memory_mib) == (int(vcpu), int(ram_gib) * 1024)
    assert (found.efa_interfaces, found.network_gbps) == (int(efa), float(gbps))
    assert found.usd_per_hour["us-east-1"] == Decimal(usd)


@pytest.mark.parametrize(
    ("name", "pods", "cpu_milli", "memory_mib"),
    # What Karpenter publishes as allocatable: website/content/en/docs/reference/instance-types.md.
    [
        ("m7i.large", 29, 1930, 6903),
        ("m7i.xlarge", 58, 3920, 14162),
        ("m7g.large", 29, 1930, 6844),
        ("m7g.2xlarge", 58, 7910, 29258),
        ("g4dn.12xlarge", 234, 47810, 178933),
        ("g5g.xlarge", 58, 3920, 6525),
        ("g6e.2xlarge", 58, 7910, 59627),
        ("g6e.12xlarge", 292, 47810, 360157),
        ("g7e.48xlarge", 632, 191450, 1932558),
        ("p4d.24xlarge", 737, 95690, 1082712),
        ("p5.48xlarge", 100, 191450, 1938410),
        ("p6-b300.48xlarge", 198, 191450, 3877198),
    ],
)
def test_pods_and_allocatable_are_what_karpenter_publishes(
    name: str, pods: int, cpu_milli: int, memory_mib: int
):
    found = INSTANCE_TYPES[name]
    assert found.max_pods == pods
    assert found.allocatable_cpu_milli == cpu_milli
    assert found.allocatable_memory_mib == memory_mib


def test_allocatable_worked_by_hand_for_m7i_large():
    found = INSTANCE_TYPES["m7i.large"]
    assert found.capacity_memory_mib == 7577  # 8192 less 614.4, rounded up
    assert found.allocatable_memory_mib == 7577 - (255 + 11 * 29) - 100
    assert found.allocatable_cpu_milli == 2000 - 60 - 10


def test_only_the_default_network_card_carries_pods():
    assert (INSTANCE_TYPES["p5.48xlarge"].max_enis, INSTANCE_TYPES["p5.48xlarge"].pod_enis) == (
        64,
        2,
    )


def test_network_cards_are_counted():
    cards = {name: INSTANCE_TYPES[name].network_cards for name in ("g6e.2xlarge", "g6e.48xlarge")}
    assert cards == {"g6e.2xlarge": 1, "g6e.48xlarge": 4}
    # One card more than EFA interfaces: its first card has none.
    assert INSTANCE_TYPES["p6-b300.48xlarge"].network_cards == 17


def test_the_family_is_the_part_before_the_size():
    assert INSTANCE_TYPES["p6-b200.48xlarge"].family == "p6-b200"


def test_an_unknown_price_is_absent_and_every_known_one_is_positive():
    assert INSTANCE_TYPES["p5e.48xlarge"].usd_per_hour == {}
    assert "eu-west-1" not in INSTANCE_TYPES["g6e.2xlarge"].usd_per_hour
    for found in INSTANCE_TYPES.values():
        assert set(found.usd_per_hour) <= set(ZONES)
        assert all(usd > 0 for usd in found.usd_per_hour.values()), found.name


def test_system_types_have_a_price_in_every_region():
    system = [found for found in INSTANCE_TYPES.values() if found.gpu_name is None]
    assert {found.name for found in system} == {
        f"{family}.{size}" for family in ("m7i", "m7g") for size in ("large", "xlarge", "2xlarge")
    }
    assert all(set(found.usd_per_hour) == set(ZONES) for found in system)


def test_a_type_is_found_by_name_and_a_misspelt_one_has_neighbours():
    assert find_instance_type("g6e.2xlarge") is INSTANCE_TYPES["g6e.2xlarge"]
    assert find_instance_type("g6e.2xlage") is None
    assert nearest_instance_types("g6e.2xlage")[0] == "g6e.2xlarge"
    assert nearest_instance_types("?") == ()


def test_types_can_be_counted_and_compared():
    assert len({INSTANCE_TYPES["g6e.2xlarge"], INSTANCE_TYPES["g6e.2xlarge"]}) == 1


def test_the_table_is_as_it_was_generated():
    assert hashlib.sha256(TABLE.encode()).hexdigest() == TABLE_SHA256
    assert len(INSTANCE_TYPES) == len(TABLE.splitlines())


def test_the_table_agrees_with_the_independent_survey():
    survey: dict[str, list[dict[str, Any]]] = {"instances": []}
    if SURVEY.exists():
        survey = json.loads(SURVEY.read_text("utf-8"))
    for row in survey["instances"]:
        if row["gpu_name"]:
            found = INSTANCE_TYPES[row["type"]]
            assert _survey_row(row) == (
                *(found.arch, found.vcpu, found.memory_mib, found.gpus, found.gpu_name),
                *(found.gpu_memory_mib, found.nvme_gb, found.network_gbps, found.efa_interfaces),
                *(found.max_enis, found.ipv4_per_eni, found.network_cards),
                dict(found.usd_per_hour),
            ), found.name
        else:
            assert row["type"] not in INSTANCE_TYPES


def _survey_row(row: dict[str, Any]) -> tuple[object, ...]:
    keys = ("arch", "vcpu", "memory_mib", "gpus", "gpu_name", "gpu_memory_mib", "nvme_gb")
    more = ("network_gbps", "efa_interfaces", "max_enis", "ipv4_per_eni", "network_cards")
    prices = {
        region: Decimal(str(usd))
        for region, usd in row["on_demand_usd_h"].items()
        if usd is not None
    }
    return (*(row[key] for key in keys + more), prices)
