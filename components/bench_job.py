"""A load test of a model service: `vllm bench serve` as a Job, its result the log's last line.

Where the result is kept in the model bucket too, the load test is an init container, and the
container after it keeps what was measured and judges it (`bench_results`).

Sources: vLLM 0.33.0, vllm/benchmarks/serve.py; Kubernetes 1.36 docs, Job.
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pulumi
from pulumi_kubernetes.batch.v1 import Job
from pulumi_kubernetes.core.v1 import ServiceAccount

from components.bench_results import ResultsWires, keeping_container, results_identity
from components.jobs import job, token_variables
from components.manifests import (
    CONTAINER_SECURITY,
    SKIP_AWAIT,
    Manifest,
    metadata,
    variables,
)
from planning.specs.bench import BenchSpec

USER, GROUP = 2000, 0
"""The user that the engine's image prepares. Source: docs/deployment/docker.md."""
SCRATCH = "/tmp"  # noqa: S108 - the mount of a volume of its own
RESULT = f"{SCRATCH}/result.json"
PLACE = {"name": "scratch", "mountPath": SCRATCH}
MEASURE = f"""
import json, subprocess, sys
path = "{RESULT}"
saved = ["--save-result", "--result-filename", path]
subprocess.run(["vllm", "bench", "serve", *sys.argv[1:], *saved], check=True)
"""
PROGRAM = f"""{MEASURE}with open(path) as file:
    result = json.load(file)
print(json.dumps(result), flush=True)
sys.exit(result["failed"] > 0 or result["completed"] == 0)
"""
"""The last line of the log is the result; vLLM itself ends well even when every request failed."""


@dataclass(frozen=True, kw_only=True)
class BenchJobArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: BenchSpec
    namespace: pulumi.Input[str]
    """Namespace of the Job, `spec.namespace` once it exists."""
    token_secret: pulumi.Input[str] | None = None
    """Secret with the token of the Hub, where the spec names its variable."""
    results: ResultsWires | None = None
    """Where the result goes, where the spec keeps it; else unused."""
    after: tuple[pulumi.Resource, ...] = ()
    """The model service that it asks."""


class BenchJob(pulumi.ComponentResource):
    """One run of a load test, on a system node; other settings are another Job.

    `up` does not wait for it and does not fail with it: a load test says how fast a service is, not
    whether it is there.
    """

    def __init__(
        self, name: str, args: BenchJobArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:BenchJob", name, None, opts)
        spec = args.spec
        account = ServiceAccount(
            f"{name}-account",
            metadata=metadata(spec.name, args.namespace, spec.labels),
            automount_service_account_token=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        # A pod gets the role when it starts, and uses it when it ends.
        identity = results_identity(name, spec, args.results, self)
        bucket = args.results.bucket_name if args.results else None
        Job(
            f"{name}-job",
            metadata=metadata(job_name(spec), args.namespace, spec.labels, SKIP_AWAIT),
            spec=job_spec(spec, account.metadata.name, args.token_secret, bucket),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*identity, *args.after]),
        )
        self.register_outputs({})


def job_spec(
    spec: BenchSpec,
    account: pulumi.Input[str],
    token_secret: pulumi.Input[str] | None = None,
    bucket: pulumi.Input[str] | None = None,
) -> Manifest:
    """Return the Job's spec.

    It has no `ttlSecondsAfterFinished`: the result would go with its log, and the next refresh
    would run it anew. It goes when the settings no longer ask for it.
    """
    scratch = {"volumes": [{"name": "scratch", "emptyDir": {"sizeLimit": "4Gi"}}]}
    pod = _containers(spec, token_secret, bucket) | scratch
    return job(spec, account, (USER, GROUP), pod)


def _containers(
    spec: BenchSpec, token: pulumi.Input[str] | None, bucket: pulumi.Input[str] | None
) -> dict[str, Any]:
    if spec.results is None or bucket is None:
        return {"containers": [_container(spec, PROGRAM, token)]}
    return {
        "initContainers": [_container(spec, MEASURE, token)],
        "containers": [keeping_container(spec.results, bucket, RESULT, PLACE)],
    }


def _container(
    spec: BenchSpec, program: str, token_secret: pulumi.Input[str] | None
) -> dict[str, Any]:
    memory = f"{spec.memory_mib}Mi"
    environment = {
        "HOME": SCRATCH,
        "HF_HOME": f"{SCRATCH}/huggingface",
        "VLLM_CACHE_ROOT": f"{SCRATCH}/vllm",
        "VLLM_NO_USAGE_STATS": "1",
    }
    token = token_variables(spec.token_variable, token_secret)
    return {
        "name": "bench",
        "image": spec.image,
        "command": ["python3", "-c", program],
        "args": [*spec.args],
        "env": [*variables(environment), *token],
        "securityContext": CONTAINER_SECURITY,
        "resources": {
            "requests": {"cpu": f"{spec.cpu_milli}m", "memory": memory},
            "limits": {"memory": memory},
        },
        "volumeMounts": [PLACE],
    }


def job_name(spec: BenchSpec) -> str:
    """Return the Job's name, with a digest of what it runs: another test is another Job."""
    rendered = json.dumps(job_spec(spec, spec.name, bucket="bucket"), sort_keys=True)
    return f"{spec.name}-{sha256(rendered.encode()).hexdigest()[:10]}"
