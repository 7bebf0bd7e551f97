"""Elastic Fabric Adapter as pods see it, and what NCCL and libfabric are told of it."""

from types import MappingProxyType
from typing import Final

EFA_RESOURCE: Final = "vpc.amazonaws.com/efa"
"""What the device plugin calls one interface. Source: Amazon EKS User Guide, node-efa, 2026-08."""

EFA_ENVIRONMENT: Final = MappingProxyType({"FI_PROVIDER": "efa"})
"""Read by libfabric. Source: Amazon EKS User Guide, node-efa."""

RDMA_ENVIRONMENT: Final = MappingProxyType({"FI_EFA_USE_DEVICE_RDMA": "1"})
"""Whether the interface reads and writes the other side's GPU memory by itself.
Source: libfabric, fi_efa(7)."""

RDMA_FAMILIES: Final = frozenset({"p4d", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300"})
"""Families whose interfaces do; on one that does not, such as g5, libfabric ends the process that
is told to. Source: Amazon EC2 User Guide, efa; fi_efa(7)."""

SOCKET_ENVIRONMENT: Final = MappingProxyType({"NCCL_SOCKET_IFNAME": "^lo,docker"})
"""By which interface NCCL finds its peers, and sends all where it has nothing better: neither the
loopback nor a bridge of the node. Source: NVIDIA NCCL, user-guide/docs/env.html."""
