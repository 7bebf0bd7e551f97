"""When a measured process got where: moments on the wall clock, told to whoever measures it.

Imports nothing but the standard library: what it imported would count for what is measured.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

LOADED: Final = "loaded"
"""Every import of the process is done."""
ASKED: Final = "asked"
"""The engine asks the program for its resources."""
COMPOSED: Final = "composed"
"""The program has named them all."""
ANSWERED: Final = "answered"
"""The engine has an answer for each of them."""


@dataclass(frozen=True)
class Marks:
    """Moments by name, in seconds since the epoch, in the order in which they came."""

    moments: dict[str, float] = field(default_factory=dict[str, float])

    def reached(self, name: str) -> None:
        """Note that the process has got to `name` now."""
        self.moments[name] = time.time()

    def around(self, program: Callable[[], None]) -> Callable[[], None]:
        """Return the program, which notes when it is asked and when it is done."""

        def noting() -> None:
            self.reached(ASKED)
            program()
            self.reached(COMPOSED)

        return noting

    def tell(self, operations: Mapping[str, int]) -> None:
        """Print the moments and the engine's operations by kind, as one line of JSON."""
        sys.stdout.write(json.dumps({"moments": self.moments, "operations": operations}) + "\n")
