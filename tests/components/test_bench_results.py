"""A load test whose result is kept: who writes it, where, and what happens to a bad one."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.bench_job import MEASURE, PROGRAM, SCRATCH, BenchJob, BenchJobArgs, job_name
from components.bench_results import PROGRAM as KEEP
from components.bench_results import ResultsWires, write_policy
from components.iam import account_trust
from components.keda import Keda
from components.operator import OperatorArgs
from planning.specs.bench import BenchResultsSpec
from tests.components.test_bench_job import BENCH, FAKE
from tests.components.workload_specs import OPERATOR
from tests.pod_security import pods, violations
from tests.recording import Recording, record

PREFIX = "bench-results/qwen3-8b/"
KEPT = BENCH.model_copy(
    update={
        "results": BenchResultsSpec(
            cluster_name="llm-dev",
            prefix=PREFIX,
            image="registry.example/python:1",
            environment={"AWS_REGION": "us-west-2"},
            bucket_variable="MODEL_BUCKET",
            cpu_milli=100,
            memory_mib=256,
        )
    }
)
WIRES = ResultsWires(
    cluster_name="llm-dev", bucket_name="weights-1a2b", bucket_arn="arn:aws:s3:::weights-1a2b"
)
BOTO3 = """
import json, pathlib

class Client:
    def put_object(self, **given):
        if {fails}:
            raise OSError("AccessDenied")
        given["Body"] = given["Body"].decode()
        pathlib.Path({path!r}).write_text(json.dumps(given))

def client(service):
    assert service == "s3"
    return Client()
"""


@cache
def recorded() -> Recording:
    def program() -> None:
        model = Keda("model", OperatorArgs(spec=OPERATOR))
        args = BenchJobArgs(spec=KEPT, namespace="models", results=WIRES, after=(model,))
        BenchJob("bench", args, pulumi.ResourceOptions(protect=True))

    return record(program)


def test_the_job_runs_when_its_account_may_write():
    found = recorded()
    assert {"bench-policy", "bench-identity", "bench-account", "model-release"} <= (
        found["bench-job"].after
    )
    assert "model-release" not in found["bench-identity"].after, "it is old when the pod starts"
    assert all(found[name].protect for name in found.children("bench"))


def test_its_role_can_be_taken_by_one_account_and_puts_objects_below_one_prefix():
    found = recorded()
    assert json.loads(found["bench-role"].inputs["assumeRolePolicy"]) == account_trust(
        "llm-dev", "models", BENCH.name
    )
    identity, account = found["bench-identity"].inputs, found["bench-account"].inputs
    assert (identity["serviceAccount"], identity["namespace"]) == (BENCH.name, "models")
    assert (identity["clusterName"], account["metadata"]["name"]) == ("llm-dev", BENCH.name)
    assert write_policy("arn:aws:s3:::weights", PREFIX)["Statement"] == [
        {
            "Sid": "KeepResults",
            "Effect": "Allow",
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::weights/{PREFIX}*",
        }
    ]
    assert json.loads(found["bench-policy"].inputs["policy"]) == (
        write_policy(str(WIRES.bucket_arn), PREFIX)
    )


def test_the_engine_measures_first_and_a_container_without_it_keeps_the_result():
    pod = dict(pods(recorded()))["bench-job"]
    assert violations(pod) == []
    (measures,), (keeps,) = pod["initContainers"], pod["containers"]
    assert (measures["image"], measures["args"]) == (BENCH.image, [*BENCH.args])
    assert (keeps["image"], keeps["args"]) == (
        "registry.example/python:1",
        [f"{SCRATCH}/result.json", PREFIX],
    )
    assert keeps["volumeMounts"] == [{"name": "scratch", "mountPath": SCRATCH, "readOnly": True}]
    assert keeps["env"] == [
        {"name": "AWS_REGION", "value": "us-west-2"},
        {"name": "MODEL_BUCKET", "value": "weights-1a2b"},
        {
            "name": "JOB_NAME",
            "valueFrom": {
                "fieldRef": {"fieldPath": "metadata.labels['batch.kubernetes.io/job-name']"}
            },
        },
    ]


def test_a_kept_result_is_of_another_job():
    assert job_name(KEPT) != job_name(BENCH)
    assert recorded()["bench-job"].inputs["metadata"]["name"] == job_name(KEPT)


def test_who_only_logs_has_no_role_though_there_is_a_bucket():
    args = BenchJobArgs(spec=BENCH, namespace="models", results=WIRES)
    found = record(lambda: BenchJob("bench", args))
    assert found.children("bench") == {"bench-account", "bench-job"}
    pod = dict(pods(found))["bench-job"]
    assert "initContainers" not in pod
    assert [each["command"][2] for each in pod["containers"]] == [PROGRAM]


def test_a_result_that_is_kept_wants_a_bucket():
    def program() -> None:
        told = "qwen3-8b-bench keeps its result in the model bucket; pass `results`"
        with pytest.raises(ValueError, match=told):
            BenchJob("bench", BenchJobArgs(spec=KEPT, namespace="models"))

    record(program)


def run(program: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={
            "PATH": str(folder),
            "PYTHONPATH": str(folder),
            "MODEL_BUCKET": "weights",
            "JOB_NAME": "qwen3-8b-bench-0123456789",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def measured(folder: Path, completed: int, failed: int) -> None:
    """Run the init container's program with an engine that measures nothing."""
    engine = folder / "vllm"
    engine.write_text(FAKE.format(python=sys.executable, completed=completed, failed=failed))
    engine.chmod(0o755)
    done = run(MEASURE.replace(SCRATCH, str(folder)), folder, *BENCH.args)
    assert (done.returncode, done.stderr) == (0, "")


def kept(folder: Path, *, fails: bool = False) -> subprocess.CompletedProcess[str]:
    sent = str(folder / "sent.json")
    (folder / "boto3.py").write_text(BOTO3.format(fails=fails, path=sent))
    return run(KEEP, folder, str(folder / "result.json"), PREFIX)


@pytest.mark.parametrize(
    ("completed", "failed", "code"), [(10, 0, 0), (9, 1, 1), (0, 0, 1)], ids=str
)
def test_a_bad_result_is_kept_too_and_fails_the_job_then(
    tmp_path: Path, completed: int, failed: int, code: int
):
    measured(tmp_path, completed, failed)
    done = kept(tmp_path)
    assert (done.returncode, done.stderr) == (code, "")
    sent: dict[str, Any] = json.loads((tmp_path / "sent.json").read_text())
    assert sent.pop("Body") == done.stdout.splitlines()[-1]
    assert sent == {
        "Bucket": "weights",
        "Key": f"{PREFIX}qwen3-8b-bench-0123456789.json",
        "ContentType": "application/json",
        "ChecksumAlgorithm": "SHA256",
    }
    assert json.loads(done.stdout) == {"completed": completed, "failed": failed}


def test_a_bucket_that_refuses_fails_the_job_and_the_log_has_the_result_nevertheless(
    tmp_path: Path,
):
    measured(tmp_path, completed=10, failed=0)
    done = kept(tmp_path, fails=True)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "OSError: AccessDenied"
    assert json.loads(done.stdout) == {"completed": 10, "failed": 0}
