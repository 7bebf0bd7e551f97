"""A load test: a restricted pod without a GPU, and a new Job for new settings."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from components.bench_job import PROGRAM, SCRATCH, BenchJob, BenchJobArgs, job_name, job_spec
from components.keda import Keda
from components.model_service import ModelService, ModelServiceArgs
from components.operator import OperatorArgs
from planning.specs.bench import BenchSpec
from tests.components.workload_specs import MODEL, OPERATOR
from tests.pod_security import pods, violations
from tests.recording import Recording, record

BENCH = BenchSpec(
    name="qwen3-8b-bench",
    namespace="models",
    model="qwen3-8b",
    image="registry.example/vllm:v0.33.0",
    args=("--num-prompts", "10"),
    labels={"app.kubernetes.io/name": "vllm-bench", "llm-platform/bench": "qwen3-8b"},
    selector={"app.kubernetes.io/name": "vllm-bench"},
    token_variable=None,
    cpu_milli=1000,
    memory_mib=4096,
    deadline_seconds=3600,
    retries=1,
)
FAKE = """#!{python}
import json, sys
given = sys.argv[1:]
assert given[:2] == ["bench", "serve"], given
with open(given[given.index("--result-filename") + 1], "w") as file:
    json.dump({{"completed": {completed}, "failed": {failed}}}, file)
print("a table for people")
"""


def recorded() -> Recording:
    def program() -> None:
        keda = Keda("keda", OperatorArgs(spec=OPERATOR))
        clients = (BENCH.selector,)
        model = ModelService(
            "qwen",
            ModelServiceArgs(spec=MODEL, namespace="models", keda=keda, clients=clients),
        )
        BenchJob("bench", BenchJobArgs(spec=BENCH, namespace="models", after=(model,)))

    return record(program)


def container(spec: BenchSpec = BENCH, secret: str | None = None) -> dict[str, Any]:
    return job_spec(spec, "account", secret)["template"]["spec"]["containers"][0]


def test_its_pod_is_restricted_and_asks_for_no_gpu():
    found = dict(pods(recorded()))["bench-job"]
    assert violations(found) == []
    (only,) = found["containers"]
    assert only["resources"] == {
        "requests": {"cpu": "1000m", "memory": "4096Mi"},
        "limits": {"memory": "4096Mi"},
    }
    assert not found.keys() & {"nodeSelector", "tolerations", "resourceClaims"}


def test_it_starts_when_the_model_serves_and_up_does_not_wait_for_its_end():
    found = recorded()["bench-job"]
    assert "qwen-deployment" in found.after
    assert found.inputs["metadata"]["annotations"] == {"pulumi.com/skipAwait": "true"}
    assert found.inputs["spec"]["backoffLimit"] == 1
    assert found.inputs["spec"]["activeDeadlineSeconds"] == 3600


def test_the_model_lets_its_pod_in_and_no_other_pod_of_the_namespace():
    (rule,) = recorded()["qwen-ingress"].inputs["spec"]["ingress"]
    assert rule["from"][2:] == [{"podSelector": {"matchLabels": BENCH.selector}}]


def test_its_result_stays_as_long_as_it_is_asked_for():
    assert "ttlSecondsAfterFinished" not in recorded()["bench-job"].inputs["spec"]


@pytest.mark.parametrize(
    "change",
    [{"args": ("--num-prompts", "11")}, {"image": "registry.example/vllm:v0.34.0"}],
    ids=["settings", "image"],
)
def test_another_test_is_another_job(change: dict[str, Any]):
    assert job_name(BENCH) == job_name(BENCH.model_copy())
    assert job_name(BENCH.model_copy(update=change)) != job_name(BENCH)
    assert len(job_name(BENCH)) <= 63


def test_a_token_is_read_from_its_secret_and_stands_nowhere():
    spec = BENCH.model_copy(update={"token_variable": "HF_TOKEN"})
    reference = {"secretKeyRef": {"name": "hub", "key": "HF_TOKEN"}}
    assert container(spec, "hub")["env"][-1] == {"name": "HF_TOKEN", "valueFrom": reference}
    assert all("valueFrom" not in variable for variable in container()["env"])


@pytest.mark.parametrize(
    ("completed", "failed", "code"), [(10, 0, 0), (9, 1, 1), (0, 0, 1)], ids=str
)
def test_the_last_line_of_the_log_is_the_result_and_a_failed_request_fails_the_job(
    tmp_path: Path, completed: int, failed: int, code: int
):
    engine = tmp_path / "vllm"
    text = FAKE.format(python=sys.executable, completed=completed, failed=failed)
    engine.write_text(text, "utf-8")
    engine.chmod(0o755)
    program = PROGRAM.replace(SCRATCH, str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", program, *BENCH.args],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (code, "")
    result = json.loads(done.stdout.splitlines()[-1])
    assert result == {"completed": completed, "failed": failed}
