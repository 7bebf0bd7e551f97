"""Where results are printed."""

from rich.console import Console

PIPE_WIDTH = 110
"""Columns where there is no terminal to ask, as in a log of CI."""


def console(*, stderr: bool = False) -> Console:
    """Return a console as wide as the terminal, or as a log line."""
    found = Console(stderr=stderr, highlight=False)
    if not found.is_terminal:
        found.width = PIPE_WIDTH
    return found
