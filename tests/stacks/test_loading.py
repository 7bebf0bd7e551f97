"""How weights come to the models, in a whole environment: order, roles, and the Hub's token."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pulumi
import pytest

from planning.planner import plan_config
from settings.environment import PLATFORM_KEY
from settings.secrets import HUB_TOKEN, MASTER_KEY, SALT_KEY
from stacks.configuration import Secrets, load_environment
from stacks.templates import compose
from tests.documents import PLATFORM
from tests.pod_security import pods, violations
from tests.program import config_of, hidden, record_environment
from tests.recording import Recording, Secret, record

TOKEN = "hf_planted-token"  # noqa: S105 - planted
JOB = "kubernetes:batch/v1:Job"
MODEL, OTHER = "qwen3-8b", "qwen2-5-7b"


def loaded(**loads: dict[str, Any]) -> dict[str, Any]:
    """Return dev's configuration with `load` of models, `_` for `-` in their names."""
    config = deepcopy(config_of("dev"))
    for name, load in loads.items():
        config[PLATFORM_KEY]["models"][name.replace("_", "-")]["load"] = load
    return config


def composed(config: dict[str, Any], token: str | None = TOKEN) -> Recording:
    plan = plan_config("dev", config)

    def program() -> None:
        secrets = Secrets(
            master_key=pulumi.Output.secret("sk-key"),
            salt_key=pulumi.Output.secret("salt"),
            hub_token=pulumi.Output.secret(token) if token else None,
        )
        compose(plan, secrets)

    return record(program)


def variables(pod: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of all containers of a pod that come from somewhere else."""
    containers = [*pod.get("initContainers", []), *pod["containers"]]
    found = (each for container in containers for each in container["env"])
    return {each["name"]: each["valueFrom"] for each in found if "valueFrom" in each}


@pytest.fixture(scope="module")
def gated() -> Recording:
    return composed(
        loaded(
            qwen3_8b={"kind": "s3", "token": True},
            qwen2_5_7b={"kind": "hub", "token": True},
        )
    )


@pytest.fixture(scope="module")
def prod() -> Recording:
    return record_environment("prod")


def job_of(recording: Recording, model: str = "") -> str:
    """Return the one Job that brings a revision of `model`, or the only one there is."""
    start = f"prefetch-{model}"
    (job,) = [each for each in recording.of_type(JOB) if each.name.startswith(start)]
    return job.name


def test_in_prod_a_model_streams_from_the_bucket_once_its_revision_is_there(
    prod: Recording,
) -> None:
    deployment = prod["qwen3-32b-deployment"]
    assert job_of(prod, "qwen3-32b") in deployment.after
    (engine,) = deployment.inputs["spec"]["template"]["spec"]["containers"]
    values = {each["name"]: each.get("value") for each in engine["env"]}
    assert values["MODEL_BUCKET"] == "model-store-bucket-id"
    assert engine["args"][0].startswith("s3://$(MODEL_BUCKET)/Qwen/Qwen3-32B/")


def test_no_other_model_waits_for_the_job(prod: Recording) -> None:
    waits = {
        each.name
        for each in prod.of_type("kubernetes:apps/v1:Deployment")
        if job_of(prod, "qwen3-32b") in each.after
    }
    assert waits == {"qwen3-32b-deployment"}


def test_the_job_runs_where_there_is_no_gpu_and_reaches_the_hub(prod: Recording) -> None:
    job = prod[job_of(prod, "qwen3-32b")]
    pod = job.inputs["spec"]["template"]["spec"]
    assert not {"tolerations", "nodeSelector"} & pod.keys()
    assert violations(dict(pods(prod))[job.name]) == []
    assert {"system-group", "models-deny", "model-store-bucket"} <= job.after
    gateways = {each.name for each in prod.of_type("aws:ec2/natGateway:NatGateway")}
    assert gateways
    assert gateways <= job.after


def test_the_job_may_write_below_its_prefix_and_no_model_may(prod: Recording) -> None:
    policies = {
        each.name: each.inputs["policy"]
        for each in prod.of_type("aws:iam/rolePolicy:RolePolicy")
        if "s3:PutObject" in str(each.inputs["policy"])
    }
    names = {model: job_of(prod, model) for model in ("qwen3-32b", "deepseek-r1")}
    writers = {model: name.removesuffix("-job") + "-policy" for model, name in names.items()}
    assert policies.keys() == {*writers.values()}
    own = policies[writers["qwen3-32b"]]
    assert "/Qwen/Qwen3-32B/9216db5781bf21249d130ec9da846c4624c16137/*" in own
    assert "deepseek" not in own


def test_shared_files_reach_the_model_by_their_claim() -> None:
    config = loaded(qwen3_8b={"kind": "shared-files"})
    config[PLATFORM_KEY]["storage"] = {"shared_files": {"kind": "mountpoint-s3"}}
    found = composed(config)
    deployment = found[f"{MODEL}-deployment"]
    assert {"model-files-claim", job_of(found)} <= deployment.after
    volumes = deployment.inputs["spec"]["template"]["spec"]["volumes"]
    claim = {"claimName": "model-files", "readOnly": True}
    assert {"name": "model-files", "persistentVolumeClaim": claim} in volumes


def test_the_token_is_a_secret_and_stands_nowhere_else(gated: Recording) -> None:
    secret = gated["hub-token-secret"].inputs
    assert secret["stringData"] == Secret({"HF_TOKEN": TOKEN})
    assert TOKEN not in str([[hidden(each.inputs), each.outputs] for each in gated.values()])


def test_the_token_reaches_the_hubs_readers_after_it_is_there_and_nobody_else(
    gated: Recording,
) -> None:
    readers = {name for name, pod in pods(gated) if "HF_TOKEN" in variables(pod)}
    assert readers == {job_of(gated), f"{OTHER}-deployment"}
    assert all("hub-token-secret" in gated[name].after for name in readers)


def test_a_token_that_is_not_set_is_no_resource() -> None:
    with pytest.raises(ValueError, match="asks for the token of the Hub; pass `hub_token`"):
        composed(loaded(qwen3_8b={"kind": "hub", "token": True}), token=None)
    assert "hub-token" not in composed(loaded(qwen3_8b={"kind": "s3"}), token=TOKEN)


@pytest.fixture
def configured() -> Iterator[dict[str, str]]:
    """The configuration of a stack whose one model asks for the token, which is not set."""
    platform = deepcopy(PLATFORM)
    platform["models"]["chat"]["load"] = {"kind": "hub", "token": True}
    yield {
        "aws:region": "us-west-2",
        PLATFORM_KEY: json.dumps(platform),
        MASTER_KEY.key: "sk-key",
        SALT_KEY.key: "salt",
    }
    pulumi.runtime.set_all_config({})


def read(values: dict[str, str]) -> Secrets:
    found: list[Secrets | None] = []
    pulumi.runtime.set_all_config(values)
    record(lambda: found.append(load_environment().secrets))
    assert found[0] is not None
    return found[0]


def test_a_token_that_is_asked_for_and_not_set_is_a_finding(configured: dict[str, str]) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        read(configured)
    assert str(refused.value) == (
        "refused: 1 finding, nothing was changed\n"
        "  llm-platform:huggingFaceToken: is not set; it is the token that models with "
        "`load.token: true` are downloaded with; run `pulumi config set --secret "
        "llm-platform:huggingFaceToken` and paste one of https://huggingface.co/settings/tokens "
        "that may only read [settings/secrets.py]"
    )


def test_a_token_that_is_set_is_a_secret_from_the_first_moment(configured: dict[str, str]) -> None:
    token = read(configured | {HUB_TOKEN.key: TOKEN}).hub_token
    assert token is not None
    told: list[bool] = []
    record(lambda: pulumi.Output.from_input(token.is_secret()).apply(told.append))
    assert told == [True]


def test_a_stack_without_a_gated_model_needs_no_token(configured: dict[str, str]) -> None:
    platform = json.dumps(PLATFORM)
    assert read(configured | {PLATFORM_KEY: platform}).hub_token is None
