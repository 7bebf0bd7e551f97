"""The router in front of a model whose replicas divide the work.

It sends every request to a prefill replica first, with one token to write, and then to a decode
replica with what the first has said of where its KV cache lies. For that it needs to know no pod:
the answer names the very one that holds the cache, so that any replica behind either Service will
do, and no access to the Kubernetes API is needed. The price is that it sees a Service as one
worker. It cannot choose the replica that has a prefix in its cache already, and what it would do
to a worker that fails it would do to all of them: retries and the circuit breaker are off, the
gateway tries again, and Kubernetes leaves out replicas that are not ready.

Sources: vllm-router 0.1.17, `vllm_router/router_args.py` and its README; what is said of draining
was measured with that release.
"""

from typing import Final

from planning.gateway import REQUEST_SECONDS
from planning.models.kv_transfer import router_selector
from planning.models.services import PORT, Entry, api_base, service_host
from planning.specs.base import MODELS_NAMESPACE, PART_OF
from planning.specs.models import ModelServiceSpec
from planning.specs.routers import RouterSpec, router_name

METRICS_PORT: Final = 29000
"""The router's own default."""
PATIENCE_SECONDS: Final = 30
"""What the router waits beyond the gateway, which is to say first that an answer takes too long."""
STARTUP_SECONDS: Final = 600
"""How long it waits for its workers: its own default."""
CHECK_SECONDS: Final = 10
PRE_STOP_SECONDS: Final = 10
MARGIN_SECONDS: Final = 20
CPU_MILLI, MEMORY_MIB = 500, 1024
"""One process in Rust; requests of the largest size at once must fit. An estimate."""
MOST_PAYLOAD_BYTES: Final = 64 * 2**20
"""A prompt with pictures; of the router's own default, 512 MiB, its memory would not hold two."""


def router(entry: Entry, sets: tuple[ModelServiceSpec, ...]) -> RouterSpec | None:
    """Return the router of an entry with these sets of replicas; None where one set does all."""
    model, hosts = entry.model, {found.role: found.host for found in sets}
    if model.prefill is None:
        return None
    selector = router_selector(entry.name)
    host = service_host(entry.name)
    return RouterSpec(
        name=router_name(entry.name),
        model=entry.name,
        namespace=MODELS_NAMESPACE,
        image=model.prefill.router_image,
        args=(
            "--vllm-pd-disaggregation",
            *("--prefill", f"http://{hosts['prefill']}:{PORT}"),
            *("--decode", f"http://{hosts['decode']}:{PORT}"),
            *("--policy", "round_robin"),
            *("--host", "0.0.0.0"),  # noqa: S104 - all of the pod; the NetworkPolicy says who
            *("--port", str(PORT)),
            *("--prometheus-host", "0.0.0.0"),  # noqa: S104 - the same
            *("--prometheus-port", str(METRICS_PORT)),
            *("--request-timeout-secs", str(REQUEST_SECONDS + PATIENCE_SECONDS)),
            *("--max-payload-size", str(MOST_PAYLOAD_BYTES)),
            *("--worker-startup-timeout-secs", str(STARTUP_SECONDS)),
            *("--worker-startup-check-interval", "5"),
            *("--health-check-interval-secs", str(CHECK_SECONDS)),
            *("--health-success-threshold", "1"),
            "--disable-retries",
            "--disable-circuit-breaker",
        ),
        port=PORT,
        metrics_port=METRICS_PORT,
        labels=selector | PART_OF,
        selector=selector,
        replicas=2 if model.replicas.min > 1 else 1,
        cpu_milli=CPU_MILLI,
        memory_mib=MEMORY_MIB,
        startup_seconds=STARTUP_SECONDS,
        pre_stop_seconds=PRE_STOP_SECONDS,
        drain_seconds=REQUEST_SECONDS,
        grace_seconds=PRE_STOP_SECONDS + REQUEST_SECONDS + MARGIN_SECONDS,
        host=host,
        api_base=api_base(host),
    )
