"""Spec of what the replicas of a model keep when their pods end."""

from planning.specs.base import Spec
from planning.specs.costs import Usd


class CacheSpec(Spec):
    """A volume of its own for each replica, which the next pod of that replica gets again."""

    storage_class: str
    """It makes the volume in the zone where the replica starts first."""
    gib: int
    """Size of each volume, of which"""
    weights_gib: float
    """the weights need so much, a tenth for what the catalog does not count among them; 0 where
    every start reads them elsewhere, or where the owner alone knows. And"""
    others_gib: int
    """so much is for compiled graphs, tokenizers and the Hub's client."""
    folder: str
    """Folder of the volume; another model or revision has another, and then this one is removed."""
    usd_per_month: Usd
    """Of each volume, whether its replica runs or not."""
