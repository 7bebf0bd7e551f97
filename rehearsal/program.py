"""The program, as the engine runs it: `__main__.py`, in this process."""

import gc
import importlib
import runpy
import threading
from contextlib import suppress
from typing import Final

from rehearsal.layout import REPOSITORY

IMPORTS: Final = "stacks.templates"
"""The module whose import brings every other one that the program needs."""


def run_program() -> None:
    """Run `__main__.py` as the engine's language host would."""
    runpy.run_path(str(REPOSITORY / "__main__.py"), run_name="__main__")


def load_ahead() -> threading.Thread:
    """Begin to import what the program imports, while the engine starts.

    Both take more than a second, and the engine's second is spent in another process. Whoever
    wants to know may join the thread that is returned.
    """
    thread = threading.Thread(target=_load, name="load-ahead", daemon=True)
    thread.start()
    return thread


def _load() -> None:
    """Import, and leave what came out of it to no garbage collection.

    The cloud SDKs are some million objects that live as long as the process. Looked at by every
    collection while they grow, and once more at the end, they cost as much as their import.
    """
    gc.disable()
    try:
        with suppress(Exception):  # the program meets the same error, and the engine reports it
            importlib.import_module(IMPORTS)
    finally:
        gc.freeze()
        gc.enable()
