"""What an environment needs whose pods claim devices: drivers, DeviceClasses, a monitor."""

from collections.abc import Iterable
from typing import TypeVar

from catalog.charts import CHARTS
from catalog.device_drivers import HAMI, NVIDIA, DeviceDriver
from catalog.gpu_products import gpu_product
from catalog.images import DCGM_EXPORTER
from planning.node_images.image import driver_site
from planning.pools.facts import PoolFacts
from planning.pools.marks import tolerations
from planning.releases import hami_dra, nvidia_dra
from planning.sharing.cel import equals, of_type
from planning.specs.base import (
    DEVICE_MANAGER_LABEL,
    DOMAIN,
    GATEWAY_NAMESPACE,
    MODELS_NAMESPACE,
    NO_EXPORTER_LABEL,
)
from planning.specs.claimed_devices import DeviceClassSpec, DeviceMonitorSpec
from planning.specs.devices import ClaimSpec, DeviceRequestSpec
from planning.specs.pools import NamespaceSpec, OperatorSpec
from settings.karpenter_pool import KarpenterPool
from settings.sharing import DraSharing, HamiDraSharing

EXPORTER_PORT = 9400
"""Source: NVIDIA/dcgm-exporter 4.8.2, deployment/values.yaml."""
MONITOR_NAMESPACE = "gpu-monitoring"
Pools = Iterable[PoolFacts]
S = TypeVar("S", DraSharing, HamiDraSharing)


def nvidia_driver(pools: Pools) -> OperatorSpec | None:
    """Return NVIDIA's DRA driver, or None where no pool hands out its GPUs through it."""
    found = _shared(pools, DraSharing)
    if not found:
        return None
    cut = any(sharing.dynamic_mig for _, sharing in found)
    driver = driver_site(pool.image for pool, _ in found)
    return nvidia_dra(tolerations(pool for pool, _ in found), dynamic_mig=cut, driver=driver)


def hami_driver(pools: Pools) -> OperatorSpec | None:
    """Return HAMi's DRA driver, or None where no pool hands out its GPUs through it.

    Its webhook leaves alone every namespace that the platform itself starts pods in.
    """
    found = _shared(pools, HamiDraSharing)
    if not found:
        return None
    charts = (chart.namespace for chart in CHARTS.values())
    return hami_dra(
        tolerations(pool for pool, _ in found),
        conversion_webhook=any(sharing.conversion_webhook for _, sharing in found),
        namespaces=(GATEWAY_NAMESPACE, MODELS_NAMESPACE, MONITOR_NAMESPACE, *charts),
        nvidia=driver_site(pool.image for pool, _ in found),
    )


def claims_by_karpenter(pools: Pools) -> bool:
    """Return whether Karpenter has to start nodes for claims."""
    return any(
        isinstance(pool.settings, KarpenterPool) and not pool.is_static
        for pool, _ in _shared(pools, DraSharing)
    )


def device_classes(pools: Pools) -> tuple[DeviceClassSpec, ...]:
    """Return a DeviceClass per pool whose GPUs are claimed."""
    return tuple(
        DeviceClassSpec(
            name=f"{pool.name}.{DOMAIN}", pool=pool.name, selectors=_selectors(pool, driver)
        )
        for pool in pools
        if (driver := _driver(pool))
    )


def device_monitor(pools: Pools) -> DeviceMonitorSpec | None:
    """Return the exporter of the pools that ask for one, or None where none does."""
    watched = [pool for pool, sharing in _shared(pools, DraSharing) if sharing.monitor]
    if not watched:
        return None
    everything = DeviceRequestSpec(device_class=NVIDIA.name, count=None, admin_access=True)
    return DeviceMonitorSpec(
        namespace=NamespaceSpec(name=MONITOR_NAMESPACE, pod_security="privileged"),
        image=DCGM_EXPORTER.reference,
        claim=ClaimSpec(model="dcgm-exporter", requests=(everything,)),
        port=EXPORTER_PORT,
        node_selector={DEVICE_MANAGER_LABEL: "nvidia-dra", NO_EXPORTER_LABEL: "false"},
        tolerations=tolerations(watched),
    )


def _driver(pool: PoolFacts) -> DeviceDriver | None:
    match pool.settings.sharing:
        case DraSharing():
            return NVIDIA
        case HamiDraSharing():
            return HAMI
        case _:
            return None


def _shared(pools: Pools, kind: type[S]) -> list[tuple[PoolFacts, S]]:
    """Return the pools that hand out their GPUs by that kind, each with its settings."""
    return [(pool, shared) for pool in pools if isinstance(shared := pool.settings.sharing, kind)]


def _selectors(pool: PoolFacts, driver: DeviceDriver) -> tuple[str, ...]:
    found = gpu_product(pool.first)
    product = (equals(driver.name, "productName", found.product),) if found else ()
    return (of_type(driver.name, driver.gpu_type), *product)
