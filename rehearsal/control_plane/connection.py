"""How to reach the control plane: the connection file and kubeconfigs."""

import base64
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from rehearsal.control_plane.certificates import Certificate
from rehearsal.control_plane.files import write_private


class Connection(BaseModel):
    """How a client reaches the control plane; kept as JSON at `Layout.connection` while it runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoint: str
    """`https://127.0.0.1:<port>`, the same across restarts."""
    ca_data: str
    """The cluster's certificate authority: PEM in base64, as EKS and kubeconfigs have it."""
    token: str = Field(repr=False)
    """Bearer token of `rehearsal-admin` (system:masters): what `aws eks get-token` answers."""
    kubeconfig: Path
    """Kubeconfig of the same user, for people and kubectl."""

    @classmethod
    def read(cls, path: Path) -> "Connection | None":
        """Return the connection stored at `path`, or None when no control plane was started."""
        if not path.exists():
            return None
        return cls.model_validate_json(path.read_text(encoding="utf-8"))

    def write(self, path: Path) -> None:
        """Store the connection at `path` (mode 0600)."""
        write_private(path, self.model_dump_json(indent=2) + "\n")


def encoded(path: Path) -> str:
    """Return the file at `path` in base64, as `*-data` fields of a kubeconfig hold it."""
    return base64.b64encode(path.read_bytes()).decode()


def write_admin_kubeconfig(connection: Connection) -> None:
    """Write `connection.kubeconfig` (mode 0600), with the bearer token."""
    user = {"token": connection.token}
    _write_kubeconfig(connection.kubeconfig, connection.endpoint, connection.ca_data, user)


def write_client_kubeconfig(path: Path, endpoint: str, ca: Path, client: Certificate) -> None:
    """Write a kubeconfig (mode 0600) for a part of the control plane, with its certificate."""
    user = {
        "client-certificate-data": encoded(client.certificate),
        "client-key-data": encoded(client.key),
    }
    _write_kubeconfig(path, endpoint, encoded(ca), user)


def _write_kubeconfig(path: Path, endpoint: str, ca_data: str, user: dict[str, str]) -> None:
    cluster = {"server": endpoint, "certificate-authority-data": ca_data}
    document: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "rehearsal", "cluster": cluster}],
        "users": [{"name": "rehearsal", "user": user}],
        "contexts": [
            {"name": "rehearsal", "context": {"cluster": "rehearsal", "user": "rehearsal"}}
        ],
        "current-context": "rehearsal",
    }
    write_private(path, yaml.safe_dump(document, sort_keys=False))
