"""What the commands say when there is nothing to do, or no such environment."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from rehearsal import session as sessions
from rehearsal.layout import Layout
from rehearsal.reported import CostReport, PendingPod, Report, ServiceReport
from rehearsal.session import Session
from rehearsal.turn import RehearsalError, turn
from tests.rehearsal.rehearsed import Rehearsed, rehearsed


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Rehearsed]:
    with rehearsed(tmp_path, "session") as found:
        yield found


def found(*, running: int, reason: str = "") -> Report:
    pending = (PendingPod(pod="a-1", reason=reason),) if reason else ()
    service = ServiceReport(
        name="a", wanted=1, running=running, nodes=(), devices=(), pending=pending
    )
    return Report(
        stack="dev",
        services=(service,),
        nodes=(),
        purchases=(),
        packing=(),
        cost=CostReport(floor_usd_per_month=1, ceiling_usd_per_month=2),  # pyright: ignore[reportArgumentType] - pydantic makes them decimals
        predicted={"a": {"l40s": 1}},
        observed={"a": {"l40s": 1}} if running else {"a": {}},
        agrees=bool(running),
        simulated=(),
    )


class Clock:
    """A clock that only sleeping moves."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(sessions, "time", clock)
    return clock


def settled(monkeypatch: pytest.MonkeyPatch, reports: Iterator[Report]) -> Report:
    def report(_: Session) -> Report:
        return next(reports)

    monkeypatch.setattr(Session, "report", report)
    session = Session(Layout(Path("nowhere")), Path("Pulumi.dev.yaml"), Console())
    return session._settled_report()  # pyright: ignore[reportPrivateUsage] - the wait alone


def test_a_settled_report_is_returned_at_once(clock: Clock, monkeypatch: pytest.MonkeyPatch):
    assert settled(monkeypatch, iter([found(running=1)])).as_planned
    assert clock.now == 0


def test_it_waits_while_something_moves_and_gives_up_when_nothing_does(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    def reports() -> Iterator[Report]:
        for number in range(100):
            yield found(running=0, reason=f"reason {number}")
        while True:
            yield found(running=0, reason="for good")

    report = settled(monkeypatch, reports())
    assert report.services[0].pending[0].reason == "for good"
    moved = 100 * sessions.POLL_SECONDS
    assert moved < clock.now < moved + sessions.STILL_SECONDS + 2


def test_it_does_not_wait_for_ever_while_something_moves(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    def reports() -> Iterator[Report]:
        number = 0
        while True:
            yield found(running=0, reason=f"reason {number}")
            number += 1

    assert not settled(monkeypatch, reports()).as_planned
    assert clock.now == pytest.approx(sessions.SETTLE_SECONDS, abs=1)


@pytest.mark.parametrize("command", ["up", "preview", "report", "destroy", "env"])
def test_an_unknown_stack_is_answered_with_those_that_exist(stack: Rehearsed, command: str):
    done = stack.run(command, stack="nope")
    assert done.status == 1
    expected = "there is no environment file Pulumi.nope.yaml; there are: dev, prod"
    assert done.said == expected
    assert not Layout.of("nope").root.exists()


@pytest.mark.parametrize("command", ["report", "drill karpenter-pool"])
def test_what_is_asked_of_a_stack_that_is_not_up_says_how_to_bring_it_up(
    stack: Rehearsed, command: str
):
    done = stack.run(*command.split())
    name = stack.layout.stack
    assert (done.status, done.output) == (1, "")
    assert done.said == f"stack {name} is not up; run `make rehearse STACK={name}`"
    assert not stack.layout.root.exists()


def test_a_destroy_of_what_is_not_up_says_so_and_is_no_error(stack: Rehearsed):
    done = stack.run("destroy")
    name = stack.layout.stack
    assert (done.status, done.said) == (0, f"stack {name} was not up: nothing to destroy")


def test_a_destroy_after_a_preview_alone_leaves_nothing(stack: Rehearsed):
    stack.tool("true")  # `env` makes the project folder
    assert stack.layout.root.exists()
    done = stack.run("destroy")
    assert (done.status, done.said) == (0, "nothing is left")
    assert not stack.layout.root.exists()


def test_two_commands_do_not_work_on_one_stack(tmp_path: Path):
    layout = Layout(tmp_path / "dev")
    with turn(layout), pytest.raises(RehearsalError) as refused, turn(layout):
        pass
    assert f"another command works on stack dev (pid {os.getpid()})" in str(refused.value)


def test_a_dead_command_leaves_no_lock(tmp_path: Path):
    layout = Layout(tmp_path / "dev")
    with turn(layout):
        pass
    with turn(layout):
        assert (layout.root / "lock").read_text() == str(os.getpid())
