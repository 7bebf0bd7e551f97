"""Settings of what is told of the platform at work."""

from settings.base import Setting


class ObservabilitySettings(Setting):
    """What others may watch."""

    service_monitors: bool = False
    """Whether the GPU metrics of NVIDIA's exporter are offered to a Prometheus Operator, which has
    to be in the cluster already: without its definitions the GPU Operator makes no monitor."""
