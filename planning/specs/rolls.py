"""Spec of what a change of a model needs while its replicas are replaced."""

from planning.specs.base import Spec
from settings.replicas import Rollout


class PlannedRoll(Spec):
    """The peak of a model's roll, counted with the minimum replicas of every model of its pool."""

    name: str
    """The model."""
    pool: str
    rollout: Rollout
    device: str
    """What a replica takes: `GPU`, `slice`, `MIG instance` or `share`."""
    devices_floor: int
    """Those that the model's minimum replicas hold,"""
    devices_peak: int
    """and what they and the new replica hold at most at once."""
    gpus_floor: int
    """GPUs of the pool that carry something while nothing rolls,"""
    gpus_peak: int
    """and at the peak of this roll."""
    gpus_limit: int
    """GPUs that the pool may own."""
    new_node: str | None
    """Instance type of a node that is started for the roll; None where there is room already."""
    serving: int
    """Replicas that answer throughout."""
    away_seconds: int
    """How long none answers, at most: the end of the old one and the start of the new one."""
