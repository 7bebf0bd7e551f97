"""A prefetch: what it may do, what waits for it, and where the Hub's token stands."""

import json
from functools import cache

import pulumi
import pytest

from components.hub_token import HubToken, HubTokenArgs
from components.keda import Keda
from components.model_loading import LoadingWires
from components.model_prefetch import ModelPrefetch, ModelPrefetchArgs
from components.model_service import ModelService, ModelServiceArgs
from components.operator import OperatorArgs
from components.prefetch_manifests import job_name, write_policy
from components.secret_values import GivenValues
from planning.specs.loading import HubTokenSpec, LoadingSpec, PrefetchSpec
from tests.components.workload_specs import MODEL, OPERATOR
from tests.pod_security import pods, violations
from tests.program import hidden
from tests.recording import Recording, Secret, record

PREFIX = f"Qwen/Qwen3-8B/{'b' * 40}/"
TOKEN = "hf_planted-token"  # noqa: S105 - planted
STREAMED = LoadingSpec(
    kind="s3", serve=(f"s3://$(MODEL_BUCKET)/{PREFIX}",), bucket_variable="MODEL_BUCKET"
)
PREFETCH = PrefetchSpec(
    name="prefetch-qwen3-8b-01234567",
    namespace="models",
    cluster_name="llm-platform-dev",
    labels={"app.kubernetes.io/name": "prefetch-qwen3-8b-01234567"},
    image="registry.example/python:1",
    repository="Qwen/Qwen3-8B",
    revision="b" * 40,
    prefix=PREFIX,
    environment={"AWS_REGION": "us-west-2"},
    bucket_variable="MODEL_BUCKET",
    token_variable="HF_TOKEN",  # noqa: S106 - a name
    cpu_milli=1000,
    memory_mib=2048,
    deadline_seconds=3600,
    retries=10,
    models=("qwen3-8b",),
)
READS_TOKEN = {
    "name": "HF_TOKEN",
    "valueFrom": {"secretKeyRef": {"name": "hugging-face", "key": "HF_TOKEN"}},
}


@cache
def recorded() -> Recording:
    """A gated model that waits for its prefetch, as a stack wires them."""

    def program() -> None:
        keda = Keda("keda", OperatorArgs(spec=OPERATOR))
        ready = Keda("ready", OperatorArgs(spec=OPERATOR))
        spec = HubTokenSpec(name="hugging-face", namespace="models", labels={}, variable="HF_TOKEN")
        values = GivenValues(values={spec.variable: pulumi.Output.secret(TOKEN)})
        args = HubTokenArgs(spec=spec, namespace="models", values=values)
        token = HubToken("hub-token", args)
        prefetch = ModelPrefetch(
            "prefetch",
            ModelPrefetchArgs(
                spec=PREFETCH,
                namespace="models",
                cluster_name="llm-platform-dev",
                bucket_name="bucket-1a2b",
                bucket_arn="arn:aws:s3:::bucket-1a2b",
                token_secret=token.secret_name,
                after=(ready,),
            ),
        )
        ModelService(
            "qwen",
            ModelServiceArgs(
                spec=MODEL.model_copy(update={"load": STREAMED}),
                namespace="models",
                keda=keda,
                wires=LoadingWires(bucket_name="bucket-1a2b"),
                after=(prefetch,),
            ),
        )

    return record(program)


def test_the_job_runs_when_it_may_write_and_the_model_when_the_job_has_ended() -> None:
    found = recorded()
    assert {
        *("prefetch-policy", "prefetch-identity", "prefetch-account"),
        *("ready-release", "hub-token-secret"),
    } <= found["prefetch-job"].after
    assert {"prefetch-job", "prefetch-identity"} <= found["qwen-deployment"].after
    assert "qwen-deployment" not in found["prefetch-job"].after


def test_the_account_of_the_job_is_the_one_that_gets_the_role() -> None:
    found = recorded()
    identity = found["prefetch-identity"].inputs
    account = found["prefetch-account"].inputs
    assert (identity["serviceAccount"], identity["namespace"]) == (PREFETCH.name, "models")
    assert account["metadata"]["name"] == PREFETCH.name
    assert account["automountServiceAccountToken"] is False
    job = found["prefetch-job"].inputs["spec"]["template"]["spec"]
    assert job["serviceAccountName"] == PREFETCH.name


def test_the_pod_of_the_job_is_restricted_and_goes_on_where_it_ended() -> None:
    found = dict(pods(recorded()))
    assert violations(found["prefetch-job"]) == []
    assert found["prefetch-job"]["restartPolicy"] == "Never"
    job = recorded()["prefetch-job"].inputs
    assert (job["spec"]["backoffLimit"], job["spec"]["activeDeadlineSeconds"]) == (10, 3600)
    assert job["metadata"]["annotations"] == {"pulumi.com/replaceUnready": "true"}
    (container,) = found["prefetch-job"]["containers"]
    assert container["args"] == ["prefetch", "Qwen/Qwen3-8B", "b" * 40, PREFIX]


def test_the_role_can_be_taken_by_one_account_and_fills_one_prefix() -> None:
    role = recorded()["prefetch-role"].inputs
    (trusted,) = json.loads(role["assumeRolePolicy"])["Statement"]
    assert trusted["Condition"] == {
        "StringEquals": {
            "aws:RequestTag/eks-cluster-name": "llm-platform-dev",
            "aws:RequestTag/kubernetes-namespace": "models",
            "aws:RequestTag/kubernetes-service-account": PREFETCH.name,
        }
    }
    see, fill = write_policy("arn:aws:s3:::bucket", PREFIX)["Statement"]
    assert see["Condition"] == {"StringLike": {"s3:prefix": f"{PREFIX}*"}}
    assert (see["Action"], see["Resource"]) == ("s3:ListBucket", "arn:aws:s3:::bucket")
    assert fill["Resource"] == f"arn:aws:s3:::bucket/{PREFIX}*"
    assert set(fill["Action"]) == {"s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"}


def test_a_job_that_runs_something_else_has_another_name_and_none_is_too_long() -> None:
    others = {"revision": "c" * 40, "image": "registry.example/python:2", "token_variable": None}
    names = {job_name(PREFETCH.model_copy(update={key: value})) for key, value in others.items()}
    assert len(names | {job_name(PREFETCH)}) == 4
    assert all(name.startswith(f"{PREFETCH.name}-") and len(name) <= 63 for name in names)
    assert job_name(PREFETCH) == recorded()["prefetch-job"].inputs["metadata"]["name"]


def test_the_token_is_a_secret_in_the_state_and_stands_nowhere_else() -> None:
    found = recorded()
    assert found["hub-token-secret"].inputs["stringData"] == Secret({"HF_TOKEN": TOKEN})
    shown = json.dumps([[hidden(each.inputs), hidden(each.outputs)] for each in found.values()])
    assert TOKEN not in shown
    (container,) = found["prefetch-job"].inputs["spec"]["template"]["spec"]["containers"]
    assert container["env"][-1] == READS_TOKEN


def test_a_job_that_shows_a_token_wants_its_secret() -> None:
    def program() -> None:
        args = ModelPrefetchArgs(
            spec=PREFETCH,
            namespace="models",
            cluster_name="llm-platform-dev",
            bucket_name="bucket",
            bucket_arn="arn:aws:s3:::bucket",
        )
        with pytest.raises(ValueError, match="shows a token to the Hub; pass `token_secret`"):
            ModelPrefetch("prefetch", args)

    record(program)
