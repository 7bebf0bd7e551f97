"""People see what is building, for how long, and how much is left: in a terminal and in a pipe."""

import io

import pytest
from rich.console import Console

from rehearsal.tools.progress import Progress, duration


class Clock:
    """Seconds that pass when the test says so."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_pipe_hears_start_heartbeat_and_end_in_plain_lines():
    clock, heard = Clock(), io.StringIO()
    progress = Progress(Console(file=heard, width=20), total=5, clock=clock)
    with progress.building("kubernetes (kube-apiserver, kubectl)", 2) as tick:
        for clock.now in (110.0, 129.9, 130.0, 130.5, 190.0):
            tick("k8s.io/api/core/v1")
    assert heard.getvalue().splitlines() == [
        "kubernetes (kube-apiserver, kubectl): building, 5 left of 5",
        "kubernetes (kube-apiserver, kubectl): still building, 30s so far, 5 left",
        "kubernetes (kube-apiserver, kubectl): still building, 1m30 so far, 5 left",
        "kubernetes (kube-apiserver, kubectl): built in 1m30, 3 left of 5",
    ]


def test_a_terminal_shows_what_builds_how_long_and_how_much_is_left():
    clock, heard = Clock(), io.StringIO()
    console = Console(file=heard, width=60, force_terminal=True, color_system=None)
    progress = Progress(console, total=8, clock=clock)
    with progress.building("etcd", 1):
        clock.now = 109.0
    with progress.building("kubernetes (kube-apiserver, kubectl)", 2) as tick:
        clock.now = 157.0
        tick("k8s.io/api/core/v1")
        shown = io.StringIO()
        Console(file=shown, width=60).print(progress)
    lines = [line.strip() for line in shown.getvalue().splitlines()]
    assert lines[0].endswith("kubernetes (kube-apiserver, kubectl)")
    assert lines[1:] == ["building, 48s so far, 7 left of 8, 57s in all", "k8s.io/api/core/v1"]
    assert "etcd: built in 9s, 7 left of 8" in heard.getvalue()
    assert "still building" not in heard.getvalue()


def test_a_failed_build_is_not_counted_as_built():
    heard = io.StringIO()
    progress = Progress(Console(file=heard), total=1)
    with pytest.raises(RuntimeError), progress.building("etcd", 1):
        raise RuntimeError
    assert heard.getvalue() == "etcd: building, 1 left of 1\n"


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0s"), (59.9, "59s"), (90, "1m30"), (3600, "1h00m"), (3725, "1h02m")]
)
def test_a_duration_reads_as_people_say_it(seconds: float, said: str):
    assert duration(seconds) == said
