"""A model that divides the work, composed: who waits for whom, and what others are told of it."""

from functools import cache

import pulumi
import pytest

from planning.planner import plan_config
from settings.files import read_config
from stacks.configuration import Secrets
from stacks.templates import compose
from tests.documents import REPOSITORY
from tests.pod_security import pods, violations
from tests.program import record_environment
from tests.recording import Recording, record

EXAMPLE = REPOSITORY / "docs" / "examples" / "prefill-decode.yaml"
SETS = ("reader-prefill", "reader-decode")


@cache
def recording() -> Recording:
    return record_environment("prefill-decode", read_config(EXAMPLE))


def test_there_are_two_sets_and_a_router():
    found = recording()
    assert {"reader-prefill", "reader-decode", "reader-router"} <= found.keys()
    assert "reader" not in found
    services = found.of_type("kubernetes:core/v1:Service")
    names = {one.inputs["metadata"]["name"] for one in services}
    assert names >= {*SETS, "reader"}


def test_the_sets_roll_one_after_the_other_and_the_router_last():
    found = recording()
    assert "reader-prefill-deployment" in found["reader-decode-deployment"].after
    assert "reader-decode-deployment" not in found["reader-prefill-deployment"].after
    behind = {f"{name}-deployment" for name in SETS}
    assert behind <= found["reader-router-deployment"].after


@pytest.mark.parametrize("name", [*SETS, "reader-router"])
def test_every_pod_is_restricted_and_has_an_account_of_its_own(name: str):
    found = dict(pods(recording()))[f"{name}-deployment"]
    assert violations(found) == []
    assert recording()[f"{name}-account"].inputs["metadata"]["name"] == name


def test_each_set_has_a_scaler_that_points_at_it():
    for name in SETS:
        (spec,) = [
            one.inputs["spec"]
            for one in recording().values()
            if one.type.endswith(":ScaledObject") and one.inputs["metadata"]["name"] == name
        ]
        assert spec["scaleTargetRef"]["name"] == name
        (trigger,) = spec["triggers"]
        assert trigger["metadata"]["url"] == f"http://{name}.models.svc.cluster.local:8000/metrics"


def test_others_are_told_of_one_model_at_the_router():
    plan = plan_config("prefill-decode", read_config(EXAMPLE))
    told: list[object] = []

    def program() -> None:
        secrets = Secrets(master_key=pulumi.Output.secret("a"), salt_key=pulumi.Output.secret("b"))
        models = pulumi.Output.from_input(compose(plan, secrets).exports()["models"])
        models.apply(told.append)

    record(program)
    base = "http://reader.models.svc.cluster.local:8000/v1"
    assert told == [{"reader": {"api_base": base, "context": 32768}}]
