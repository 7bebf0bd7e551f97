"""One round of the fleet: everything that it keeps in step, part by part."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Final

from rehearsal.api import Api, Manifest, RefusedError, UnreachableError
from rehearsal.cloud import Cloud
from rehearsal.control_plane.connection import Connection
from rehearsal.control_plane.errors import ControlPlaneError
from rehearsal.control_plane.files import write_private
from rehearsal.fleet import (
    account,
    auto_mode,
    cluster_autoscaler,
    devices,
    managed,
    node_pools,
    orphans,
)
from rehearsal.fleet.built_in import of_node_classes
from rehearsal.fleet.disks import Disks
from rehearsal.fleet.errors import FleetError
from rehearsal.fleet.gpu_configs import GpuConfigs, read_configs
from rehearsal.fleet.karpenter import DEFINITIONS, Karpenter
from rehearsal.fleet.leader_worker_sets import LeaderWorkerSets
from rehearsal.fleet.operators import (
    cert_manager,
    cloudnative_pg,
    ebs_csi,
    external_secrets,
    feature_discovery,
    keda,
)

log = logging.getLogger("fleet")

PASSING: Final = (
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
"""Refusals that the next round need not meet: somebody else's change, an API that is coming up."""
NODE_POOL_DEFINITION: Final = "nodepools.karpenter.sh"


@dataclass
class Reconciler:
    """The parts of the fleet, and what was said of each: a problem is logged once, not each round.

    A part that fails keeps no other part from its work, and is tried again in the next round.
    """

    region: str
    hami_splits: int
    dynamic_mig: bool
    cloud: Cloud
    karpenter: Karpenter
    groups: LeaderWorkerSets
    problems: Path
    """File with what keeps each part from its work now, as JSON."""
    _said: dict[str, str] = field(default_factory=dict[str, str], init=False)
    _disks: dict[str, Disks] = field(default_factory=dict[str, Disks], init=False)
    _configs: GpuConfigs = field(default_factory=GpuConfigs, init=False)

    def round(self, api: Api, connection: Connection) -> None:
        """Bring the cluster one step nearer to what the account and the program's objects say."""
        try:
            nodes = api.list(node_pools.NODES) or []
            self._try("GPU configuration", lambda: self._read_configs(api))
            self._try("managed nodes", lambda: self._managed(api, nodes))
            self._try("node pools", lambda: self._node_pools(api, connection))
            self._try("orphaned nodes", lambda: orphans.reconcile(api, nodes))
            self._try("GPU labels", lambda: self._discover(api, nodes))
            self._try("GPU devices", lambda: self._devices(api, nodes))
            self._try("KEDA", lambda: keda.reconcile(api))
            self._try("EBS CSI", lambda: ebs_csi.reconcile(api, nodes))
            self._try("LeaderWorkerSet", lambda: self.groups.reconcile(api, connection))
            self._try("CloudNativePG", lambda: cloudnative_pg.reconcile(api))
            self._try("cert-manager", lambda: cert_manager.reconcile(api))
            self._try("External Secrets", lambda: external_secrets.reconcile(api))
        except UnreachableError as unreachable:
            self._say("API server", str(unreachable))
        else:
            self._say("API server", "")

    def _managed(self, api: Api, nodes: list[Manifest]) -> None:
        groups = account.node_groups(self.cloud, self.region, self.hami_splits)
        told = [replace(group, configs=self._configs) for group in groups]
        managed.reconcile(api, cluster_autoscaler.sized(api, told), nodes)

    def _read_configs(self, api: Api) -> None:
        classes = api.list(node_pools.EC2_NODE_CLASSES) or []
        of_images = account.built_in_plugins(self.cloud) | of_node_classes(classes)
        self._configs = replace(read_configs(api), built_in=of_images)

    def _discover(self, api: Api, nodes: list[Manifest]) -> None:
        feature_discovery.reconcile(api, nodes, self._configs, self.hami_splits)

    def _devices(self, api: Api, nodes: list[Manifest]) -> None:
        devices.reconcile(api, nodes, self._configs, dynamic_mig=self.dynamic_mig)

    def _node_pools(self, api: Api, connection: Connection) -> None:
        auto_mode.reconcile(api, self.cloud)
        pools = api.list(node_pools.NODE_POOLS)
        if pools is None:
            # Not served also while its API server starts: only a definition that is gone is gone.
            if api.get(f"{DEFINITIONS}/{NODE_POOL_DEFINITION}") is None:
                self.karpenter.leave(api)
            return
        if not pools and not self.karpenter.running():
            return
        program = node_pools.of_the_program(pools)
        classes = [
            *(api.list(node_pools.EC2_NODE_CLASSES) or ()),
            *(api.list(node_pools.AUTO_NODE_CLASSES) or ()),
        ]
        # What a pool asked for stays known when it goes: Karpenter need not start anew for that.
        self._disks |= node_pools.disks(program, classes)
        zones = account.zones(self.cloud)
        if self.karpenter.serve(api, connection, self.region, zones, self._disks):
            node_pools.reconcile(api, pools)

    def _try(self, part: str, work: Callable[[], None]) -> None:
        try:
            work()
        except (FleetError, ControlPlaneError, RefusedError) as problem:
            if not (isinstance(problem, RefusedError) and problem.status in PASSING):
                self._say(part, str(problem))
        else:
            self._say(part, "")

    def _say(self, part: str, problem: str) -> None:
        if problem == self._said.get(part, ""):
            return
        self._said[part] = problem
        now = {name: text for name, text in self._said.items() if text}
        write_private(self.problems, json.dumps(now, indent=2) + "\n")
        log.log(
            logging.WARNING if problem else logging.INFO, "%s: %s", part, problem or "works again"
        )
