"""EKS Auto Mode: which GPU types it starts, and what AWS charges for it."""

from datetime import date
from decimal import Decimal
from typing import Final

READ: Final = date(2026, 11, 21)
"""When these facts were read."""

AUTO_MODE_FAMILIES: Final = frozenset(
    {
        "g4dn",
        "g5",
        "g5g",
        "g6",
        "g6e",
        "g7e",
        "gr6",
        "p3dn",
        "p4d",
        "p4de",
        "p5",
        "p5e",
        "p5en",
        "p6-b200",
        "p6-b300",
    }
)
"""Families with NVIDIA GPUs that it starts. Source: Amazon EKS User Guide,
automode-learn-instances, "supported instance reference"."""

FEE_SHARE: Final = Decimal("0.12")
"""About what it costs on top, of the on-demand price and also where the node is bought otherwise:
what pages say of types without a GPU. AWS has a price per instance type, of which no dated table
was found. Source: page 'Amazon EKS Pricing: ... the Auto Mode Markup' (2026-06-13)."""

OWN_DEFINITIONS: Final = ("nodepools.karpenter.sh", "nodeclaims.karpenter.sh")
"""Definitions of Karpenter's that EKS installs with Auto Mode, and keeps. Source: `kubectl get crd`
before and after it was turned on (2025-11-19, 2025-12-09), in public write-ups of two clusters."""
