"""Waiting for an object to be ready, or to be gone."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rehearsal.providers.kubernetes.annotations import WAIT_FOR, skips, timeout_seconds, wait_for
from rehearsal.providers.kubernetes.cluster import Cluster, NotServedError
from rehearsal.providers.kubernetes.manifests import Identity, Manifest, annotation, at, items_at
from rehearsal.providers.kubernetes.readiness import RULES, FailedError, Rule
from rehearsal.providers.kubernetes.why import explanation

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 0.25


@dataclass(frozen=True)
class Patience:
    """How long to wait, who may end it early, and whom to tell how it goes."""

    timeout_seconds: float
    cancelled: threading.Event
    progress: Callable[[str], None]

    @property
    def ended(self) -> str:
        """Return how a wait without success ended."""
        if self.cancelled.is_set():
            return "the wait was cancelled"
        return f"not done after {self.timeout_seconds:g} s"

    def pauses(self) -> Iterator[float]:
        """Yield the seconds waited so far, growing pauses apart, until the time is over."""
        begin = time.monotonic()
        pause = FIRST_PAUSE_SECONDS
        while True:
            waited = time.monotonic() - begin
            yield waited
            left = self.timeout_seconds - (time.monotonic() - begin)
            if left <= 0 or self.cancelled.wait(min(pause, left)):
                return
            pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)


@dataclass(frozen=True)
class Operation:
    """What the engine asks for, besides the values."""

    urn: str
    preview: bool
    custom_timeout: float
    """Seconds of customTimeouts; 0 for none."""
    cancelled: threading.Event
    progress: Callable[[str], None]
    warn: Callable[[str], None]

    def patience(self, manifest: Manifest) -> Patience:
        """Return how long to wait for `manifest`."""
        seconds = timeout_seconds(manifest, self.custom_timeout)
        return Patience(seconds, self.cancelled, self.progress)


def rules_for(manifest: Manifest) -> list[Rule]:
    """Return the rules that say when `manifest` is ready; none when nobody waits for it."""
    if skips(manifest):
        return []
    if stated := annotation(manifest, WAIT_FOR):
        return wait_for(stated)
    rule = RULES.get((Identity.of(manifest).group, manifest["kind"]))
    return [rule] if rule else []


def await_ready(cluster: Cluster, live: Manifest, patience: Patience) -> tuple[Manifest, list[str]]:
    """Wait until the object is ready; return it, and why it is not when the time is over.

    A failure that nothing will mend ends the wait at once.
    """
    identity, rules = Identity.of(live), rules_for(live)
    told = ""
    missing: list[str] = []
    for _ in patience.pauses() if rules else ():
        try:
            missing = [text for rule in rules if (text := rule(cluster, live))]
        except FailedError as error:
            return live, [str(error), *explanation(cluster, live)]
        if not missing:
            return live, []
        if missing[0] != told:
            told = missing[0]
            patience.progress(f"waiting: {told}")
        newer = cluster.get(identity)
        if newer is None:
            return live, [f"{identity} was deleted by someone else during the wait"]
        live = newer
    if not missing:
        return live, []
    return live, [f"{patience.ended}: {'; '.join(missing)}", *explanation(cluster, live)]


def await_gone(cluster: Cluster, identity: Identity, patience: Patience) -> list[str]:
    """Wait until the object does not exist; return why it still does when the time is over."""
    first = cluster.get(identity)
    live = first
    if first:
        patience.progress("waiting until it is gone")
    for _ in patience.pauses():
        if live is None or at(live, "metadata", "uid") != at(first, "metadata", "uid"):
            return []  # gone, or gone and made anew by a controller
        try:
            live = cluster.get(identity)
        except NotServedError:
            return []
    if live is None:
        return []
    finalizers = [str(name) for name in at(live, "metadata", "finalizers") or ()]
    blocked = [f"finalizers nobody has removed: {', '.join(finalizers)}"] if finalizers else []
    conditions = [
        str(entry.get("message"))
        for entry in items_at(live, "status", "conditions")
        if entry.get("status") == "True" and live["kind"] == "Namespace"
    ]
    return [f"{patience.ended}: it is still there", *blocked, *conditions]
