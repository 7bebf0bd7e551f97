"""Ports on 127.0.0.1, chosen once and kept, so that the endpoint stays the same across starts."""

import errno
import json
import secrets
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from rehearsal.control_plane.errors import ControlPlaneError
from rehearsal.control_plane.files import write_private

LOOPBACK = "127.0.0.1"

FILE = "ports.json"
"""Name of the file that remembers the ports of a control plane."""

CHOICE = range(20000, 30000)
"""Above the well-known ports, below Kubernetes' node ports and every system's ephemeral range:
an outgoing connection of another program never takes one of these while we are stopped."""

Ports = Mapping[str, int]


def remembered(path: Path) -> dict[str, int]:
    """Return the ports stored at `path`, none when this is the first start."""
    if not path.exists():
        return {}
    stored: dict[str, int] = json.loads(path.read_text(encoding="utf-8"))
    return stored


def settle(
    path: Path, owners: Mapping[str, str], running: set[str], progress: Callable[[str], None]
) -> Ports:
    """Return a port for each of `owners` (port name -> process name) and remember it at `path`.

    A remembered port is kept, unless a stranger listens on it by now: then another one is chosen
    and `progress` is told. The ports of `running` processes are their own.
    """
    ports = {name: port for name, port in remembered(path).items() if name in owners}
    for name, owner in owners.items():
        port = ports.get(name)
        if port is not None and (owner in running or is_free(port)):
            continue
        ports[name] = _choose(set(ports.values()))
        if port is not None:
            progress(f"port {port} of {name} is taken by another program: using {ports[name]}")
    write_private(path, json.dumps(ports, indent=2) + "\n")
    return ports


def is_free(port: int) -> bool:
    """Return whether nothing listens on `port` of 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do it: connections that linger in TIME_WAIT do not occupy a port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False
    return True


def _choose(taken: set[int]) -> int:
    for _ in range(1000):
        port = secrets.choice(CHOICE)
        if port not in taken and is_free(port):
            return port
    raise ControlPlaneError(
        f"no free port on {LOOPBACK} between {CHOICE.start} and {CHOICE.stop - 1}: "
        "stop what listens there"
    )
