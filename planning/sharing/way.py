"""What every way of handing out GPUs can say of itself."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from catalog.instance_types import InstanceType
from planning.sharing.device import Device
from planning.specs.base import DEVICE_MANAGER_LABEL, SHARING_LABEL, DeviceManager
from planning.specs.devices import GpuAsk, GpuGrant
from settings.base import Setting
from settings.devices import AskKind
from settings.finding import Finding
from settings.models import ModelSettings

MIB_PER_GIB = 1024


class Way(ABC):
    """One way of handing out the GPUs of a pool; a subclass per kind of `sharing`."""

    kind: ClassVar[str]
    """The word of the settings."""
    manager: ClassVar[DeviceManager]
    """The driver that publishes the devices of a node."""
    asks: ClassVar[tuple[AskKind, ...]]
    """The terms that a model of such a pool may use."""
    example: ClassVar[str]
    """One of them, as it is written."""
    silent: bool
    """Whether a model may say nothing and means `gpus: 1`."""
    device: ClassVar[str] = "GPU"
    """What one device is called."""
    in_status: ClassVar[bool]
    """Whether a node's status tells all that a pod may ask for, so that an autoscaler knows what a
    new node will offer."""

    first_device: ClassVar[bool] = True
    """Whether a node gives the first devices with room; else its scheduler picks any."""

    def __init__(self, settings: Setting) -> None:
        """Hand out as a pool's `sharing` says."""
        self.sharing = settings

    @abstractmethod
    def devices(self, instance: InstanceType) -> tuple[Device, ...]:
        """Return what a node of that type publishes, in the order of its driver."""

    @abstractmethod
    def grant(self, name: str, model: ModelSettings, ask: GpuAsk) -> GpuGrant:
        """Return what a pod of the model called `name` carries."""

    def ask(self, model: ModelSettings, instance: InstanceType) -> GpuAsk:  # noqa: ARG002
        """Return what a replica takes of a node of that type."""
        return GpuAsk(devices=model.gpus or 1)

    def refusals(
        self,
        path: str,  # noqa: ARG002
        model: ModelSettings,  # noqa: ARG002
        instance: InstanceType,  # noqa: ARG002
    ) -> Iterator[Finding]:
        """Yield why no node of that type could ever serve the ask of the model at `path`."""
        yield from ()

    def further_labels(self) -> dict[str, str]:
        """Return what the way's driver looks for on its nodes."""
        return {}

    def labels(self) -> dict[str, str]:
        """Return the labels of the nodes: the way, its driver, and what the driver looks for."""
        return {
            SHARING_LABEL: self.kind,
            DEVICE_MANAGER_LABEL: self.manager,
            **self.further_labels(),
        }
