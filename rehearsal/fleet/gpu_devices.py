"""The GPUs of a node one by one: who they are, and what the MIG manager cut them into."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import NAMESPACE_DNS, uuid5

from catalog.bottlerocket import MIG_MODELS
from catalog.gpu_products import GpuProduct, gpu_product
from catalog.gpu_topology import pci_addresses, pcie_roots
from catalog.instance_types import InstanceType
from catalog.mig import Placement, mig_profiles, place
from planning.specs.base import MIG_CONFIG_LABEL
from rehearsal.fleet.errors import FleetError
from rehearsal.fleet.gpu_configs import BuiltIn, GpuConfigs, MigRule

NO_CUT: Final[Sequence[MigRule]] = ()


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """One GPU of a node."""

    minor: int
    """Number in its node, from 0."""
    uuid: str
    product: GpuProduct
    pci_address: str
    pcie_root: str


def gpus_of(node: str, instance: InstanceType) -> tuple[Gpu, ...]:
    """Return the GPUs of the node called `node`; their ids are the same in every run."""
    product = gpu_product(instance)
    if product is None:
        return ()
    places = zip(pci_addresses(instance), pcie_roots(instance), strict=True)
    return tuple(
        Gpu(
            minor=minor,
            uuid=f"GPU-{uuid5(NAMESPACE_DNS, f'{minor}.{node}')}",
            product=product,
            pci_address=address,
            pcie_root=root,
        )
        for minor, (address, root) in enumerate(places)
    )


Cut = tuple[Placement, ...]
"""The MIG instances of one GPU."""


def cuts(
    node: str, instance: InstanceType, labels: Mapping[str, str], configs: GpuConfigs
) -> dict[int, Cut]:
    """Return the MIG instances of each GPU that is in MIG mode on a node with these labels.

    Raises:
        FleetError: the layout that the node asks for is unknown, or cannot be made.
    """
    if of_image := configs.of_image(labels):
        return _cut_by_image(node, instance, of_image)
    wanted = labels.get(MIG_CONFIG_LABEL)
    if wanted is None:
        return {}
    if wanted not in configs.layouts:
        raise FleetError(
            f"node {node}: no ConfigMap of the MIG manager has the layout '{wanted}' that its "
            f"label {MIG_CONFIG_LABEL} names; there are: {_listed(configs.layouts)}"
        )
    found: dict[int, Cut] = {}
    for minor in range(instance.gpus):
        # As in mig-parted: the last rule about a GPU holds.
        rules = [rule for rule in configs.layouts[wanted] if rule.is_about(minor)]
        if rules and rules[-1].mig_enabled:
            found[minor] = _cut(node, instance, rules[-1].mig_devices, wanted)
    return found


def _cut_by_image(node: str, instance: InstanceType, told: BuiltIn) -> dict[int, Cut]:
    """Return every GPU cut into as many instances of one profile as it has room for."""
    if not told.profiles:
        return {}
    model = MIG_MODELS.get((instance.gpu_name or "", instance.gpu_memory_mib), "")
    name = told.profiles.get(model)
    profiles = mig_profiles(instance.gpu_name or "", instance.gpu_memory_mib)
    most = next((profile.most for profile in profiles if profile.name == name), None)
    if name is None or most is None:
        raise FleetError(
            f"node {node}: its user data names MIG profiles for {_listed(told.profiles)}, and none "
            f"that a GPU of {instance.name} has; its profiles: "
            f"{_listed([one.name for one in profiles])}"
        )
    cut = _cut(node, instance, {name: most}, name)
    return dict.fromkeys(range(instance.gpus), cut)


def _cut(node: str, instance: InstanceType, layout: Mapping[str, int], name: str) -> Cut:
    profiles = mig_profiles(instance.gpu_name or "", instance.gpu_memory_mib)
    placed = place(profiles, layout)
    if placed is None:
        raise FleetError(
            f"node {node}: a GPU of {instance.name} cannot be cut into {_counted(layout)}, as the "
            f"layout '{name}' says; its profiles: {_listed([one.name for one in profiles])}"
        )
    return placed


def _counted(layout: Mapping[str, int]) -> str:
    return ", ".join(f"{count} x {profile}" for profile, count in layout.items()) or "nothing"


def _listed(names: Mapping[str, object] | Sequence[str]) -> str:
    return ", ".join(names) or "none"
