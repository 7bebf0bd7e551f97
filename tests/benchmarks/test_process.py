"""A measured process is timed from outside, and ends with everything it started."""

import signal
import threading
from pathlib import Path

import psutil
import pytest

from benchmarks.marks import ASKED, COMPOSED, LOADED
from benchmarks.process import ENDED, BenchmarkError, measure
from tests.rehearsal.conftest import eventually

STUB = "tests.benchmarks.stub"


def test_moments_come_in_order_and_end_with_the_process():
    run = measure(STUB, ["pass"])
    assert [*run.moments] == [LOADED, ASKED, COMPOSED, ENDED]
    assert 0 < run.moments[LOADED] <= run.moments[ASKED] <= run.moments[COMPOSED] < run.seconds
    assert run.resources == 4


def test_a_failure_is_told_in_the_words_of_the_process():
    with pytest.raises(BenchmarkError, match="stub fail: the stub was asked to fail"):
        measure(STUB, ["fail"])


def test_an_interrupt_ends_the_process_and_its_children(tmp_path: Path):
    note = tmp_path / "child"

    main = threading.get_ident()

    def interrupt() -> None:
        eventually("the stub waits", lambda: note.exists() and note.read_text())
        signal.pthread_kill(main, signal.SIGINT)

    interrupter = threading.Thread(target=interrupt)
    interrupter.start()
    with pytest.raises(KeyboardInterrupt):
        measure(STUB, ["wait", str(note)])
    interrupter.join()
    assert not works(int(note.read_text()))


def works(pid: int) -> bool:
    """Return whether a process is there, and not only its exit status."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
