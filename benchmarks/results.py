"""What a run of the benchmarks found, as JSON: docs/benchmarks.md says what each key means."""

from pydantic import BaseModel, ConfigDict

FORMAT = 1
"""Raised when a key changes its name or meaning; new keys alone do not raise it."""


class Measured(BaseModel):
    """Frozen and closed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Machine(Measured):
    """Where it was measured."""

    cpus: int
    """Logical processors."""
    load_before: float
    """Processes that wanted one, over the minute before."""
    load_after: float
    python: str


class Part(Measured):
    """One stretch of a measured process; the parts of a comparison add up to the whole."""

    name: str
    seconds: float
    """Median, of the platform."""
    floor_seconds: float
    """Median, of the floor; 0 where the floor has no such part."""

    @property
    def over_floor_seconds(self) -> float:
        """Return what the platform takes beyond the floor."""
        return self.seconds - self.floor_seconds


class Comparison(Measured):
    """One operation of one environment, against the floor."""

    operation: str
    """`preview`, `up` or `rehearsal`."""
    stack: str
    resources: int
    """Resources in the state at the end, or planned; the same for the floor."""
    ratio: float
    """Median of the ratios of each pair of runs."""
    seconds: tuple[float, ...]
    """Every run of the platform."""
    floor_seconds: tuple[float, ...]
    """The run of the floor that belongs to each."""
    parts: tuple[Part, ...]


class PlanScale(Measured):
    """`plan()` for one number of models."""

    models: int
    milliseconds: float
    """Median of the whole call."""
    microseconds_per_model: float
    ratio: float
    """Of the whole call, to the call for one model in the same run."""


class Results(Measured):
    """Everything that was measured; what was left out is empty."""

    format: int = FORMAT
    runs: int
    machine: Machine
    comparisons: tuple[Comparison, ...]
    plan: tuple[PlanScale, ...]
