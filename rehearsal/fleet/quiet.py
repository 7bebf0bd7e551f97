"""Whether a round of the fleet can find anything to do: most would not, and each asks a lot."""

import time
from pathlib import Path
from typing import Final

from rehearsal.api import Api, RefusedError, UnreachableError

QUIET_SECONDS: Final = 2.0
"""Most time between two rounds: a process may have ended, and some waits are of time."""
NEWEST: Final = "/api/v1/namespaces/default/events?limit=1"
"""Any list names the revision of the whole cluster; of events none is kept in a cache."""


class Quiet:
    """Remembers how cluster and account were at the last round.

    `account` is the folder of the account: a file that comes, changes or goes changes it too.
    """

    def __init__(self, account: Path) -> None:
        self._account = account
        self._seen: object = None
        self._since = float("-inf")

    def ended(self, api: Api) -> bool:
        """Return whether anything has changed since True was returned, or 2 s have passed."""
        seen, now = self._state(api), time.monotonic()
        if seen is not None and seen == self._seen and now - self._since < QUIET_SECONDS:
            return False
        self._seen, self._since = seen, now
        return True

    def _state(self, api: Api) -> object:
        """Return what every change changes; None where the API server does not tell."""
        try:
            newest = api.get(NEWEST)
        except (RefusedError, UnreachableError):
            return None
        account = self._account.stat().st_mtime_ns if self._account.exists() else 0
        return None if newest is None else (newest["metadata"]["resourceVersion"], account)
