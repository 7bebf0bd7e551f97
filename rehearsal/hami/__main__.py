"""The extender's process: `python -m rehearsal.hami --folder .rehearsal/dev/control-plane`."""

import argparse
import logging
from pathlib import Path

from rehearsal.api import Api
from rehearsal.control_plane.ports import LOOPBACK
from rehearsal.control_plane.site import Site
from rehearsal.hami.extender import Extender
from rehearsal.hami.server import Server, Tls


def main() -> None:
    """Answer the scheduler of one control plane in the foreground, until TERM."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.hami", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="the control plane's folder")
    folder: Path = parser.parse_args().folder
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    site = Site.read(folder.absolute())
    serving = site.keys["serving"]
    tls = Tls(
        certificate=serving.certificate,
        key=serving.key,
        authority=site.keys["ca"].certificate,
    )
    extender = Extender(Api(site.connection()))
    Server((LOOPBACK, site.ports["hami-extender"]), tls, extender.filter).serve_forever()


main()
