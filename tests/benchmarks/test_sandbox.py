"""Nothing is left, whatever happened."""

import subprocess
import sys

import pytest

from benchmarks.sandbox import remove_leftovers, sandbox
from rehearsal.layout import Layout


def interrupted_in(layout: Layout) -> None:
    layout.state.mkdir(parents=True)
    raise KeyboardInterrupt


def test_the_folder_is_gone_after_a_failure():
    with pytest.raises(KeyboardInterrupt), sandbox("test-interrupted") as layout:
        interrupted_in(layout)
    assert not layout.root.exists()


def test_a_folder_that_nobody_made_is_no_reason_to_fail():
    with sandbox("test-unused") as layout:
        assert not layout.root.exists()


def test_what_a_killed_benchmark_left_is_removed_and_what_runs_is_kept():
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    left = Layout.of(f"bench-{ended.pid}-dev")
    left.state.mkdir(parents=True)
    with sandbox("test-runs") as running:
        running.state.mkdir(parents=True)
        remove_leftovers()
        assert not left.root.exists()
        assert running.root.exists()
