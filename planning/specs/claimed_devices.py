"""Specs of what claims refer to beside the pods of models: DeviceClasses, and who watches GPUs."""

from planning.specs.base import Spec, Toleration
from planning.specs.devices import ClaimSpec
from planning.specs.pools import NamespaceSpec


class DeviceClassSpec(Spec):
    """A DeviceClass of the GPUs of a pool, for claims of other teams."""

    name: str
    pool: str
    selectors: tuple[str, ...]
    """CEL expressions over `device`; each must hold."""


class DeviceMonitorSpec(Spec):
    """A DCGM exporter that sees GPUs which claims of others hold."""

    namespace: NamespaceSpec
    image: str
    claim: ClaimSpec
    """Every GPU of the exporter's node, with admin access."""
    port: int
    node_selector: dict[str, str]
    tolerations: tuple[Toleration, ...]
