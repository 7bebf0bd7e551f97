"""Where a rehearsal keeps its things: nothing is written anywhere else."""

import os
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
TOOLS = REPOSITORY / ".tools"
"""Built tools (`.tools/bin`) and what was derived once (`.tools/schema`); shared by all stacks."""

REHEARSAL_VARIABLE = "LLM_PLATFORM_REHEARSAL"
"""Environment variable that tells the simulated providers which rehearsal they belong to."""


@dataclass(frozen=True)
class Layout:
    """The folder of one stack's rehearsal, and the parts in it."""

    root: Path
    """`.rehearsal/<stack>`; deleted as a whole by `make rehearse-down`."""

    @classmethod
    def of(cls, stack: str) -> "Layout":
        """Return the layout of `stack` in this checkout."""
        return cls(REPOSITORY / ".rehearsal" / stack)

    @property
    def stack(self) -> str:
        """Return the stack's name."""
        return self.root.name

    @property
    def control_plane(self) -> Path:
        """Return the folder of etcd, keys, ports and process ids."""
        return self.root / "control-plane"

    @property
    def connection(self) -> Path:
        """Return the file (mode 0600) that says how to reach the control plane."""
        return self.control_plane / "connection.json"

    @property
    def cloud(self) -> Path:
        """Return the folder of the simulated AWS account: one file per resource."""
        return self.root / "cloud"

    @property
    def state(self) -> Path:
        """Return the folder of Pulumi's file backend."""
        return self.root / "state"

    @property
    def project(self) -> Path:
        """Return the folder with the project and stack files that the engine reads and writes."""
        return self.root / "project"

    @property
    def logs(self) -> Path:
        """Return the folder of every process's log."""
        return self.root / "logs"


def this_rehearsal() -> Layout | None:
    """Return the rehearsal that the environment names, or None: then only `preview` works."""
    root = os.environ.get(REHEARSAL_VARIABLE)
    return Layout(Path(root)) if root else None
