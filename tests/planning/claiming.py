"""The small environment with a pool whose GPUs are claimed: what is changed, in few words."""

from typing import Any

from tests.documents import REMOVED

Changes = dict[str, Any]
ROOM: Changes = {"budget.gpus": 300, "budget.usd_per_month": 10_000_000}
WHOLE: Changes = {"models.tiny.share": REMOVED}
"""The model of pool `l4` takes a whole GPU."""
H100: Changes = {"pools.l4.instances": ["p5.4xlarge"]}
EAST = "us-east-1"
"""Where p4d, p5 and g7e have a price."""
SHARE = {"memory_gib": 6, "cores_percent": 30}


def managed(sharing: Changes, instance: str = "g6.2xlarge") -> Changes:
    """Return a pool of one node."""
    return {"provisioner": "managed", "instances": [instance], "nodes": 1, "sharing": sharing}


def dra(**more: Any) -> Changes:
    """Return the pool `l4` on NVIDIA's driver, its model with one GPU."""
    return ROOM | WHOLE | {"pools.l4.sharing": {"kind": "dra", **more}}


def hami_dra(**more: Any) -> Changes:
    """Return the pool `l4` on HAMi's DRA driver, its model with a share."""
    return ROOM | {"pools.l4.sharing": {"kind": "hami-dra", **more}}


def claim(**device: Any) -> Changes:
    """Return the model of a pool on NVIDIA's driver with that `device`."""
    return dra() | {"models.tiny.device": device}


def hami_claim(**device: Any) -> Changes:
    """Return the model of a pool on HAMi's DRA driver with that `device`."""
    return hami_dra() | WHOLE | {"models.tiny.device": device}


def cut(**device: Any) -> Changes:
    """Return a pool of H100 that are cut on demand, and the model with that `device`."""
    return dra(dynamic_mig=True) | H100 | {"models.tiny.device": device}


def by_karpenter(device: Changes | None = None, **sharing: Any) -> Changes:
    """Return the Karpenter pool `l40s` on NVIDIA's driver, with a Karpenter that knows claims."""
    asked = {"models.chat.device": device} if device else {}
    pool = {"pools.l40s.sharing": {"kind": "dra", **sharing}, "karpenter.version": "1.15.0"}
    return ROOM | WHOLE | {"pools.l4.sharing": {"kind": "whole"}} | pool | asked
