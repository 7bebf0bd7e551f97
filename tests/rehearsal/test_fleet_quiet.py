"""The fleet looks at everything when something has changed, and now and then."""

from pathlib import Path
from typing import Any, cast

import pytest

from rehearsal.api import Api, UnreachableError
from rehearsal.fleet import quiet
from rehearsal.fleet.quiet import QUIET_SECONDS, Quiet


class Cluster:
    """An API server that knows its revision, or does not answer."""

    revision: str | None = "7"

    def get(self, path: str) -> dict[str, Any]:
        if self.revision is None:
            raise UnreachableError(path)
        return {"metadata": {"resourceVersion": self.revision}}


class Clock:
    """A clock that stands still unless it is moved."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(quiet, "time", clock)
    return clock


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


@pytest.fixture
def ended(clock: Clock, cluster: Cluster, tmp_path: Path) -> Any:
    watched = Quiet(tmp_path / "account")
    return lambda: watched.ended(cast("Api", cluster))


def test_the_first_round_is_never_left_out_and_a_second_without_a_change_is(ended: Any):
    assert [ended(), ended(), ended()] == [True, False, False]


def test_a_change_of_the_cluster_is_seen_at_once_and_once(ended: Any, cluster: Cluster):
    ended()
    cluster.revision = "8"
    assert [ended(), ended()] == [True, False]


def test_a_change_of_the_account_is_seen_too(ended: Any, tmp_path: Path):
    ended()
    (tmp_path / "account").mkdir()
    assert [ended(), ended()] == [True, False]


def test_time_ends_it_as_well(ended: Any, clock: Clock):
    ended()
    clock.now = QUIET_SECONDS - 0.01
    assert not ended()
    clock.now = QUIET_SECONDS
    assert [ended(), ended()] == [True, False]


def test_an_api_server_that_does_not_answer_is_asked_by_every_round(ended: Any, cluster: Cluster):
    cluster.revision = None
    assert [ended(), ended()] == [True, True]
    cluster.revision = "7"
    assert [ended(), ended()] == [True, False]
