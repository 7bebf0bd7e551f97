"""Pools whose GPUs are claimed, in the whole program: what waits for what, and what others read."""

import pulumi
import pytest

from planning.planner import plan_config
from settings.files import read_config
from stacks.configuration import Secrets
from stacks.templates import compose
from tests.documents import REPOSITORY, config
from tests.planning.claiming import dra, managed
from tests.program import record_environment
from tests.recording import Recording, record

BOTH = dra(monitor=True) | {"pools.parts": managed({"kind": "hami-dra"})}


@pytest.fixture(scope="module")
def recorded() -> Recording:
    return record_environment("dev", config(BOTH))


def test_each_driver_comes_after_its_nodes_and_what_it_needs(recorded: Recording):
    nvidia, hami = (recorded.waits_for(f"{name}-release") for name in ("nvidia-dra", "hami-dra"))
    assert {"gpu-operator-release", "l4-group"} <= nvidia
    assert {"cert-manager-release", "parts-group"} <= hami
    assert "hami-release" not in recorded


def test_a_model_waits_for_its_claim_and_for_the_driver(recorded: Recording):
    waits = recorded.waits_for("tiny-deployment")
    assert {"tiny-devices", "nvidia-dra-release"} <= waits
    assert recorded["tiny-devices"].type == "kubernetes:resource.k8s.io/v1:ResourceClaimTemplate"


def test_the_exporter_waits_for_the_driver_whose_class_it_claims_from(recorded: Recording):
    assert "nvidia-dra-release" in recorded.waits_for("device-monitor-exporter")


def test_other_programs_read_the_classes_by_pool():
    plan = plan_config("dra", read_config(REPOSITORY / "docs" / "examples" / "dra.yaml"))
    exported: dict[str, object] = {}

    def program() -> None:
        keys = Secrets(master_key=pulumi.Output.secret("a"), salt_key=pulumi.Output.secret("b"))
        names = compose(plan, keys).exports()["device_classes"]
        pulumi.Output.from_input(names).apply(exported.update)

    record(program)
    assert exported == {
        "claimed-l4": "claimed-l4.llm-platform",
        "claimed-node": "claimed-node.llm-platform",
    }


def test_without_such_pools_nothing_of_it_is_there():
    names = record_environment("dev", config()).keys()
    assert not names & {"nvidia-dra", "hami-dra", "device-monitor", "device-classes"}
