"""Schedules as Karpenter reads them: five fields of cron, in UTC.

Source: kubernetes-sigs/karpenter v1.14.1, pkg/apis/v1/nodepool.go, which parses with
robfig/cron v3 (`ParseStandard`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

MACROS: Final = ("@annually", "@yearly", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


@dataclass(frozen=True)
class _Field:
    name: str
    first: int
    last: int
    words: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def range(self) -> str:
        """Return what it may be: `0 to 6, or sun to sat`."""
        words = [*self.words]
        named = f", or {words[0]} to {words[-1]}" if words else ""
        return f"{self.first} to {self.last}{named}"

    def number(self, text: str) -> int | None:
        """Return the value of a number or word, or None where it is neither."""
        if text.lower() in self.words:
            return self.words[text.lower()]
        return int(text) if re.fullmatch(r"[0-9]{1,2}", text) else None

    def wrong(self, text: str) -> str | None:
        """Return the part that is wrong, or None."""
        return next((part for part in text.split(",") if not self._fits(part)), None)

    def _fits(self, part: str) -> bool:
        span, slash, step = part.partition("/")
        if slash and (not re.fullmatch(r"[0-9]{1,2}", step) or int(step) == 0):
            return False
        if span in ("*", "?"):
            return True
        low, dash, high = span.partition("-")
        ends = [self.number(end) for end in ((low, high) if dash else (low,))]
        known = [end for end in ends if end is not None and self.first <= end <= self.last]
        return len(known) == len(ends) and known == sorted(known)


FIELDS: Final = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, {word: index for index, word in enumerate(MONTHS, start=1)}),
    _Field("day of week", 0, 6, {word: index for index, word in enumerate(DAYS)}),
)


def wrong_schedule(text: str) -> str | None:
    """Return what is wrong with a schedule, or None where Karpenter would take it."""
    if text in MACROS:
        return None
    if text.startswith("@"):
        return f"{text} is none of {', '.join(MACROS)}"
    parts = text.split()
    if len(parts) != len(FIELDS):
        return f"has {len(parts)} fields, not the five of minute, hour, day, month, day of week"
    for known, part in zip(FIELDS, parts, strict=True):
        wrong = known.wrong(part)
        if wrong is not None:
            return f"'{wrong}' is no {known.name}, which is {known.range}"
    return None
