"""A real Kubernetes control plane on loopback: etcd, API server, controllers, scheduler, KWOK."""

from rehearsal.control_plane.connection import Connection
from rehearsal.control_plane.control_plane import ControlPlane
from rehearsal.control_plane.errors import ControlPlaneError

__all__ = ["Connection", "ControlPlane", "ControlPlaneError"]
