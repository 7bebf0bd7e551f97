"""What the processes of one control plane share: folder, keys, ports, token, written files."""

import csv
import io
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rehearsal.control_plane.certificates import Certificates
from rehearsal.control_plane.connection import (
    Connection,
    encoded,
    write_admin_kubeconfig,
    write_client_kubeconfig,
)
from rehearsal.control_plane.files import write_private
from rehearsal.control_plane.ports import LOOPBACK, Ports

CLIENTS = ("kube-controller-manager", "kube-scheduler", "kwok")
"""The parts of the control plane that talk to the API server."""


@dataclass(frozen=True)
class Site:
    """The folder of one control plane, and the ports it uses now."""

    folder: Path
    ports: Ports

    @property
    def keys(self) -> Certificates:
        """Return the keys and certificates."""
        return Certificates(self.folder / "pki")

    @property
    def endpoint(self) -> str:
        """Return the URL of the API server."""
        return f"https://{LOOPBACK}:{self.ports['kube-apiserver']}"

    @property
    def tokens(self) -> Path:
        """Return the file that tells the API server whose bearer token it is given."""
        return self.folder / "tokens.csv"

    @property
    def scheduler_configuration(self) -> Path:
        """Return the KubeSchedulerConfiguration."""
        return self.folder / "scheduler.yaml"

    def kubeconfig(self, client: str) -> Path:
        """Return the kubeconfig of `admin` or of one of `CLIENTS`."""
        return self.folder / f"{client}.kubeconfig"

    def token(self) -> str:
        """Return the administrator's bearer token; made at the first start, then kept."""
        if not self.tokens.exists():
            stream = io.StringIO()
            fields = (secrets.token_urlsafe(32), "rehearsal-admin", "1", "system:masters")
            csv.writer(stream, lineterminator="\n").writerow(fields)
            write_private(self.tokens, stream.getvalue())
        return next(csv.reader([self.tokens.read_text(encoding="utf-8")]))[0]

    def connection(self) -> Connection:
        """Return how to reach the API server."""
        return Connection(
            endpoint=self.endpoint,
            ca_data=encoded(self.keys["ca"].certificate),
            token=self.token(),
            kubeconfig=self.kubeconfig("admin"),
        )

    def write(self) -> None:
        """Write what the processes read: keys where they are missing, everything else anew."""
        self.keys.ensure()
        write_admin_kubeconfig(self.connection())
        authority = self.keys["ca"].certificate
        for client in CLIENTS:
            path = self.kubeconfig(client)
            write_client_kubeconfig(path, self.endpoint, authority, self.keys[client])
        configuration = scheduler_configuration(self.kubeconfig("kube-scheduler"))
        write_private(self.scheduler_configuration, yaml.safe_dump(configuration, sort_keys=False))


def scheduler_configuration(kubeconfig: Path) -> Mapping[str, Any]:
    """Return the KubeSchedulerConfiguration: pods are packed, so that whole GPU nodes fall free.

    Source: kubernetes.io/docs/reference/config-api/kube-scheduler-config.v1.
    """
    packed = {
        "type": "MostAllocated",
        "resources": [{"name": name, "weight": 1} for name in ("cpu", "memory", "nvidia.com/gpu")],
    }
    fit = {"name": "NodeResourcesFit", "args": {"scoringStrategy": packed}}
    return {
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "clientConnection": {"kubeconfig": str(kubeconfig), "qps": 1000, "burst": 2000},
        "leaderElection": {"leaderElect": False},
        "profiles": [
            {"schedulerName": "default-scheduler", "pluginConfig": [fit]},
            # A stand-in: in a real cluster this is a scheduler of HAMi's own, whose extender also
            # counts memory and cores per device. Here the node's sums alone decide.
            {"schedulerName": "hami-scheduler", "pluginConfig": [fit]},
        ],
    }
