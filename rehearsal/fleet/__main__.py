"""The fleet's process: `python -m rehearsal.fleet --root .rehearsal/dev`."""

import argparse
import logging
import sys
from pathlib import Path

from rehearsal.fleet.daemon import run
from rehearsal.fleet.errors import FleetError
from rehearsal.layout import Layout


def main() -> None:
    """Run the fleet of one rehearsal in the foreground; its log goes to standard error."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.fleet", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="the rehearsal's folder")
    root: Path = parser.parse_args().root
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        run(Layout(root.absolute()))
    except FleetError as problem:
        sys.exit(str(problem))


main()
