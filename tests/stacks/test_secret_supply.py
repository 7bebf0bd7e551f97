"""Where the secrets of a whole environment come from, and what the stack is asked for."""

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pulumi
import pytest

from planning.planner import plan_config
from settings.environment import PLATFORM_KEY
from settings.secrets import HUB_TOKEN, MASTER_KEY, SALT_KEY
from stacks.configuration import Environment, load_environment
from stacks.templates import compose
from tests.crd import misfits
from tests.documents import PLATFORM
from tests.pod_security import pods
from tests.program import STACKS, config_of
from tests.recording import Recording, record

EXTERNAL = {"kind": "external-secrets"}
SECRET = "kubernetes:external-secrets.io/v1:ExternalSecret"  # noqa: S105 - a type
GATED = "qwen3-8b"


def config(stack: str) -> dict[str, Any]:
    found = deepcopy(config_of(stack))
    found[PLATFORM_KEY]["secrets"] = EXTERNAL
    found[PLATFORM_KEY]["models"][GATED]["load"] = {"kind": "hub", "token": True}
    return found


def composed(stack: str, *, preview: bool = False) -> Recording:
    plan = plan_config(stack, config(stack))
    return record(lambda: compose(plan, None), preview=preview)


@pytest.fixture(params=STACKS, scope="module")
def recording(request: pytest.FixtureRequest) -> Recording:
    return composed(request.param)


def test_no_secret_of_the_stack_is_made_and_every_reader_waits_for_its_own(
    recording: Recording,
) -> None:
    assert not recording.of_type("kubernetes:core/v1:Secret")
    assert {found.name for found in recording.of_type(SECRET)} == {
        "gateway-keys",
        "hub-token-secret",
    }
    made = {each.inputs["spec"]["target"]["name"]: each.name for each in recording.of_type(SECRET)}
    for name, pod in pods(recording):
        for reference in _references(pod):
            if reference in made:
                assert made[reference] in recording[name].after, name


def test_a_reader_reads_the_same_secret_whoever_makes_it(recording: Recording) -> None:
    read = {reference for _, pod in pods(recording) for reference in _references(pod)}
    assert {"litellm-keys", "hugging-face"} <= read


def test_what_is_made_fits_and_goes_while_the_operator_lives(recording: Recording) -> None:
    for found in (*recording.of_type(SECRET), recording["secret-store-store"]):
        assert misfits(found.inputs) == []
    store = recording["secret-store-store"]
    assert {"external-secrets-release", "secret-identity-identity"} <= store.after
    assert all("secret-store-store" in found.after for found in recording.of_type(SECRET))
    release = recording["external-secrets-release"]
    assert {"secret-identity-policy", "secret-identity-identity", "system-group"} <= release.after


def test_the_role_is_of_the_account_that_the_operator_runs_as(recording: Recording) -> None:
    inputs = recording["secret-identity-identity"].inputs
    release = recording["external-secrets-release"].inputs
    assert inputs["namespace"] == release["namespace"]
    assert inputs["serviceAccount"] == release["values"]["serviceAccount"]["name"]


def test_a_first_preview_shows_it_all() -> None:
    assert composed("dev", preview=True).keys() == composed("dev").keys()


def test_a_plan_that_wants_the_stacks_own_is_not_composed_without_them() -> None:
    plan = plan_config("dev", config_of("dev"))
    with pytest.raises(ValueError, match="wants the secrets of the stack; pass `secrets`"):
        record(lambda: compose(plan, None))


@pytest.fixture
def configured() -> Iterator[dict[str, str]]:
    """The configuration of a stack that leaves its secrets to AWS, and has none."""
    platform: dict[str, Any] = {**deepcopy(PLATFORM), "secrets": EXTERNAL}
    platform["models"]["chat"]["load"] = {"kind": "hub", "token": True}
    yield {"aws:region": "us-west-2", PLATFORM_KEY: json.dumps(platform)}
    pulumi.runtime.set_all_config({})


def loaded(values: dict[str, str]) -> Environment:
    found: list[Environment] = []
    pulumi.runtime.set_all_config(values)
    record(lambda: found.append(load_environment()))
    return found[0]


def refusal(values: dict[str, str]) -> str:
    with pytest.raises(pulumi.RunError) as refused:
        loaded(values)
    return str(refused.value)


def test_the_stack_is_asked_for_no_secret(configured: dict[str, str]) -> None:
    found = loaded(configured)
    assert found.secrets is None
    assert found.plan.hub_token is not None


def test_a_secret_that_nobody_would_read_is_refused(configured: dict[str, str]) -> None:
    assert refusal(configured | {SALT_KEY.key: "salt"}) == (
        "refused: 1 finding, nothing was changed\n"
        "  llm-platform:litellmSaltKey: is set, and with `secrets.kind: external-secrets` nobody "
        "reads it; see that its value is in AWS Secrets Manager as gateway-salt-key, below "
        "`secrets.prefix`, then run `pulumi config rm llm-platform:litellmSaltKey` "
        "[settings/secrets.py]"
    )


def test_every_such_secret_is_named_beside_what_else_is_wrong(configured: dict[str, str]) -> None:
    platform = json.loads(configured[PLATFORM_KEY])
    platform["budget"]["gpus"] = 1
    strays = {secret.key: "sk-a" for secret in (MASTER_KEY, SALT_KEY, HUB_TOKEN)}
    said = refusal(configured | strays | {PLATFORM_KEY: json.dumps(platform)})
    assert said.startswith("refused: 4 findings")
    assert "budget.gpus: 1, but the pools may own" in said
    assert [key for key in strays if f"pulumi config rm {key}`" in said] == [*strays]
    assert "is not set" not in said


def _references(pod: Any) -> Iterator[str]:
    containers = [*pod.get("initContainers", []), *pod["containers"]]
    for entry in (each for container in containers for each in container.get("env", [])):
        if "secretKeyRef" in entry.get("valueFrom", {}):
            yield entry["valueFrom"]["secretKeyRef"]["name"]
