"""Spec of the router in front of a model whose replicas divide the work."""

from planning.specs.base import Spec


def router_name(entry: str) -> str:
    """Return the name of a router's objects; its Service has the entry's own."""
    return f"{entry}-router"


class RouterSpec(Spec):
    """vLLM's router: it has a prompt read by one replica and answered by another."""

    name: str
    """Name of every object but the Service."""
    model: str
    """Name of the entry, and of the Service."""
    namespace: str
    image: str
    args: tuple[str, ...]
    """Arguments of `vllm-router`."""
    port: int
    metrics_port: int
    labels: dict[str, str]
    """Labels of every object."""
    selector: dict[str, str]
    """The labels that pick the pods; they never change."""
    replicas: int
    cpu_milli: int
    memory_mib: int
    """Request and limit."""
    startup_seconds: int
    """How long it may wait for a replica of either kind before it is restarted."""
    pre_stop_seconds: int
    """Wait before SIGTERM, while the endpoint is taken out of the Service."""
    drain_seconds: int
    """Time for answers under way after SIGTERM: it ends with the last one."""
    grace_seconds: int
    """Termination grace period: both of the above and a margin."""
    host: str
    """Cluster-internal host name of the Service."""
    api_base: str
    """OpenAI-compatible base URL inside the cluster."""
