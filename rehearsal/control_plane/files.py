"""Files that hold keys: whole or not there, readable by their owner only; and the start lock."""

import fcntl
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path


def private_folder(path: Path) -> Path:
    """Create `path` (mode 0700) with its parents where it is missing, and return it."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def write_private(path: Path, text: str) -> None:
    """Replace `path` (mode 0600) in one step: a reader sees the old text or the new, never half."""
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    partial.replace(path)


@contextmanager
def exclusive(path: Path, waiting: Callable[[], None]) -> Generator[None]:
    """Hold the lock file `path`; call `waiting` once when another process holds it.

    The kernel releases the lock with the process, so a crashed holder blocks nobody.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting()
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            # The folder may have been deleted while we waited: a lock on a deleted file is no lock.
            if path.exists() and path.stat().st_ino == os.fstat(descriptor).st_ino:
                yield
                return
            private_folder(path.parent)
        finally:
            os.close(descriptor)
