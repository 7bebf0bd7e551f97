"""The nodes of a crowd of environments, as the fleet makes those of managed groups."""

from collections.abc import Iterable

from planning.models.demand import volume_gib
from planning.pools.facts import PoolFacts
from planning.pools.marks import node_labels, node_taints
from planning.pools.plugin_configs import plugin_configuration
from rehearsal.control_plane import ControlPlane
from rehearsal.fleet import device_classes, devices, managed
from rehearsal.fleet.disks import Disks
from rehearsal.fleet.gpu_configs import GpuConfigs, gpu_configs
from rehearsal.fleet.nodes import NodeGroup, node_manifest
from settings.managed_pool import ManagedPool
from settings.sharing import HamiSharing
from tests.rehearsal.crowd import create, hand


def join(plane: ControlPlane, pools: Iterable[PoolFacts]) -> None:
    """Make the nodes of these pools with all that their GPUs publish."""
    known = [*pools]
    configs = _configs(known)
    groups = [_group(pool, configs) for pool in known]
    nodes = [node_manifest(group, index) for group in groups for index in range(group.nodes)]
    create(plane, ((managed.NODES, node) for node in nodes))
    with hand(plane) as api:
        joined = api.list(managed.NODES, resourceVersion="") or []
        assert len(joined) == len(nodes)
        devices.reconcile(api, joined, configs, dynamic_mig=False)
        # A plan refuses HAMi beside this bridge; here many environments share one cluster.
        bridge = {"spec": {"extendedResourceName": None}}
        api.merge(f"{device_classes.DEVICE_CLASSES}/gpu.nvidia.com", bridge)


def _configs(pools: Iterable[PoolFacts]) -> GpuConfigs:
    maps = plugin_configuration(pools).config_maps
    return gpu_configs(
        [
            {
                "metadata": {"name": found.name, "labels": found.labels, "creationTimestamp": ""},
                "data": found.data,
            }
            for found in maps
        ]
    )


def _group(pool: PoolFacts, configs: GpuConfigs) -> NodeGroup:
    assert isinstance(pool.settings, ManagedPool)
    sharing = pool.settings.sharing
    splits = {"splits": sharing.splits} if isinstance(sharing, HamiSharing) else {}
    return NodeGroup(
        name=pool.name,
        region=pool.region,
        instance=pool.first,
        capacity_type="ON_DEMAND",
        nodes=pool.settings.nodes.max,
        zones=("us-east-1a",),
        disks=Disks(volume_gib=volume_gib(pool), raid0=True),
        labels=node_labels(pool),
        taints=node_taints(pool),
        configs=configs,
        **splits,
    )
