"""What the processes of one control plane share: folder, keys, ports, token, written files."""

import csv
import io
import secrets
from dataclasses import dataclass
from pathlib import Path

import yaml

from rehearsal.control_plane import ports
from rehearsal.control_plane.certificates import Certificates
from rehearsal.control_plane.connection import (
    Connection,
    encoded,
    write_admin_kubeconfig,
    write_client_kubeconfig,
)
from rehearsal.control_plane.files import write_private
from rehearsal.control_plane.ports import LOOPBACK, Ports
from rehearsal.control_plane.scheduling import extended_by_hami, packing

CLIENTS = ("kube-controller-manager", "kube-scheduler", "kwok")
"""The parts of the control plane that talk to the API server."""


@dataclass(frozen=True)
class Site:
    """The folder of one control plane, and the ports it uses now."""

    folder: Path
    ports: Ports

    @classmethod
    def read(cls, folder: Path) -> "Site":
        """Return the site in `folder`, with the ports that it was started on last."""
        return cls(folder, ports.remembered(folder / ports.FILE))

    @property
    def port_file(self) -> Path:
        """Return the file that remembers the ports."""
        return self.folder / ports.FILE

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

    def scheduler_configuration(self, name: str) -> Path:
        """Return the KubeSchedulerConfiguration of the scheduler called `name`."""
        return self.folder / f"{name}.yaml"

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
        kubeconfig, client = self.kubeconfig("kube-scheduler"), self.keys["kube-scheduler"]
        extender = f"https://{LOOPBACK}:{self.ports['hami-extender']}"
        configurations = {
            "kube-scheduler": packing(kubeconfig),
            "hami-scheduler": extended_by_hami(kubeconfig, extender, authority, client),
        }
        for name, configuration in configurations.items():
            text = yaml.safe_dump(configuration, sort_keys=False)
            write_private(self.scheduler_configuration(name), text)
