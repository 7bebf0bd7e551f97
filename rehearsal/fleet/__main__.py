"""The fleet's process: `python -m rehearsal.fleet --root .rehearsal/dev`."""

import argparse
import logging
from pathlib import Path

from rehearsal.fleet.daemon import run
from rehearsal.layout import Layout


def main() -> None:
    """Run the fleet of one rehearsal in the foreground; its log goes to standard error."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.fleet", description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="the rehearsal's folder")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    run(Layout(parser.parse_args().root.absolute()))


main()
