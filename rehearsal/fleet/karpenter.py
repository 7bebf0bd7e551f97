"""Karpenter's process: the real core controller, with the catalog for its cloud.

It runs from the moment the program has a NodePool until Karpenter's CRDs are gone.
Source of the flags: kubernetes-sigs/karpenter v1.14.1, pkg/operator/options/options.go.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from catalog.instance_types import INSTANCE_TYPES
from rehearsal.api import Api, Manifest
from rehearsal.control_plane import ports
from rehearsal.control_plane.connection import Connection
from rehearsal.control_plane.files import write_private
from rehearsal.control_plane.processes import Program
from rehearsal.control_plane.supervisor import Supervisor
from rehearsal.fleet.disks import Disks
from rehearsal.fleet.errors import FleetError
from rehearsal.fleet.instance_offers import instance_types_file
from rehearsal.fleet.node_pools import NODE_CLAIMS, NODE_CLASS

NAME: Final = "karpenter"
PORTS: Final = {"metrics": NAME, "health": NAME}
DEFINITIONS: Final = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
KWOK_DEFINITION: Final = "kwoknodeclasses.karpenter.kwok.sh"
KWOK_NODE_CLASSES: Final = "/apis/karpenter.kwok.sh/v1alpha1/kwoknodeclasses"
NODE_OVERLAYS: Final = "/apis/karpenter.sh/v1alpha1/nodeoverlays"
RESTART_SECONDS: Final = 5.0
"""Least time between two starts: a process that ends at once is not started in a loop."""


@dataclass
class Karpenter:
    """The process, its configuration in the supervisor's folder, and its tool in `tools`."""

    supervisor: Supervisor
    tools: Path
    """`.tools`: `bin/karpenter`, and its CRDs in `share/karpenter-crds`."""
    _started: float = field(default=float("-inf"), init=False)
    _offers: tuple[object, list[dict[str, Any]]] | None = field(default=None, init=False)

    @property
    def tool(self) -> Path:
        """Return the executable."""
        return self.tools / "bin" / NAME

    def running(self) -> bool:
        """Return whether the process lives."""
        return self.supervisor.running(NAME) is not None

    def serve(
        self,
        api: Api,
        connection: Connection,
        region: str,
        zones: tuple[str, ...],
        disks: Mapping[str, Disks],
    ) -> bool:
        """See that it runs, on today's offers; return False while its CRDs are not served yet.

        Raises:
            FleetError: it cannot run; the message says why.
        """
        if not self.tool.exists():
            raise FleetError(
                f"{self.tool} is missing: build the tools with `python -m rehearsal.tools`"
            )
        if not zones:
            raise FleetError("the account has no subnets: Karpenter has no zone to start nodes in")
        if not self.running() and not self._is_served(api):
            return False
        program = self._program(connection, region, zones, disks)
        if not self.supervisor.is_current(program):
            self._start(program)
        return True

    def stop(self) -> None:
        """End the process, also one that no record knows; nothing happens when none runs."""
        self.supervisor.end([NAME])
        self.supervisor.end_strays({NAME: self.tool})

    def leave(self, api: Api) -> None:
        """End the process and take its CRD away: the program's Karpenter is gone."""
        if self.running():
            self.stop()
        if api.get(f"{DEFINITIONS}/{KWOK_DEFINITION}") is not None:
            api.delete(f"{DEFINITIONS}/{KWOK_DEFINITION}")

    def _is_served(self, api: Api) -> bool:
        """Install the node class of the kwok provider; return whether every API is served."""
        if any(api.list(path, limit="1") is None for path in (NODE_CLAIMS, NODE_OVERLAYS)):
            return False
        api.apply(f"{DEFINITIONS}/{KWOK_DEFINITION}", self._kwok_definition())
        if api.list(KWOK_NODE_CLASSES) is None:
            return False
        name = NODE_CLASS["name"]
        node_class: Manifest = {
            "apiVersion": f"{NODE_CLASS['group']}/v1alpha1",
            "kind": NODE_CLASS["kind"],
            "metadata": {"name": name},
            "spec": {},
        }
        api.apply(f"{KWOK_NODE_CLASSES}/{name}", node_class)
        return True

    def _kwok_definition(self) -> Manifest:
        folder = self.tools / "share" / "karpenter-crds"
        for path in folder.glob("*.yaml"):
            found: Manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
            if found["metadata"]["name"] == KWOK_DEFINITION:
                return found
        raise FleetError(
            f"{KWOK_DEFINITION} is missing in {folder}: "
            "build the tools with `python -m rehearsal.tools`"
        )

    def _program(
        self,
        connection: Connection,
        region: str,
        zones: tuple[str, ...],
        disks: Mapping[str, Disks],
    ) -> Program:
        folder = self.supervisor.folder
        # HOME of a supervised process is its folder: client-go looks for the kubeconfig there.
        kubeconfig = folder / ".kube" / "config"
        kubeconfig.parent.mkdir(mode=0o700, exist_ok=True)
        offers = folder / "instance-types.json"
        _replace(kubeconfig, connection.kubeconfig.read_text(encoding="utf-8"))
        _replace(offers, json.dumps(self._instance_types(region, zones, disks)))
        alive = {NAME} if self.running() else set[str]()
        chosen = ports.settle(folder / "ports.json", PORTS, alive, lambda _: None)
        flags = {
            "instance-types-file-path": offers,
            "metrics-port": chosen["metrics"],
            "health-probe-port": chosen["health"],
            "disable-leader-election": "true",
            "disable-cluster-state-observability": "true",
            # Without a NodeOverlay or a static NodePool they decide nothing, and the values of a
            # release are not kept.
            "feature-gates": "NodeOverlay=true,StaticCapacity=true",
            # Half of the defaults: a rehearsal is impatient, its pods come all at once.
            "batch-idle-duration": "500ms",
            "batch-max-duration": "5s",
        }
        command = (str(self.tool), *(f"--{flag}={value}" for flag, value in flags.items()))
        return Program(name=NAME, command=command, configuration=(offers, kubeconfig))

    def _instance_types(
        self, region: str, zones: tuple[str, ...], disks: Mapping[str, Disks]
    ) -> list[dict[str, Any]]:
        question = (region, zones, dict(disks))
        if self._offers is None or self._offers[0] != question:
            types = INSTANCE_TYPES.values()
            self._offers = (question, instance_types_file(region, types, zones, disks))
        return self._offers[1]

    def _start(self, program: Program) -> None:
        if time.monotonic() - self._started < RESTART_SECONDS and not self.running():
            raise FleetError(f"karpenter ended soon after its start; {self.supervisor.tail(NAME)}")
        self.stop()
        self.supervisor.start(program)
        self._started = time.monotonic()


def _replace(path: Path, text: str) -> None:
    """Write `path` (mode 0600), unless it says `text` already."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_private(path, text)
