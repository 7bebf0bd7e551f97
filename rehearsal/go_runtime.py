"""How the Go programs of a rehearsal spend memory for time: they run side by side on one machine.

Source: pkg.go.dev/runtime (environment variables), go.dev/doc/gc-guide.
"""

from collections.abc import Mapping
from typing import Final

GO_RUNTIME: Final[Mapping[str, str]] = {
    # Garbage is collected a quarter as often as by default: that is a quarter of an `up`.
    "GOGC": "400",
    # Beyond this the collector works as often as it takes.
    "GOMEMLIMIT": "640MiB",
    # Ten programs that each spread over every core mostly wake each other.
    "GOMAXPROCS": "2",
}
