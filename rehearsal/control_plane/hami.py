"""The process that stands in for HAMi's scheduler extender: a module of this repository."""

import sys
from pathlib import Path

from rehearsal.control_plane.processes import Program
from rehearsal.control_plane.site import Site
from rehearsal.layout import REPOSITORY

EXTENDER = "hami-extender"


def extender_command(folder: Path) -> tuple[str, ...]:
    """Return what runs the extender of the control plane in `folder`."""
    # A supervised process has an environment of its own, and our folder may be anywhere.
    python = ("/usr/bin/env", f"PYTHONPATH={REPOSITORY}", sys.executable)
    return (*python, "-m", "rehearsal.hami", f"--folder={folder}/")


def extender(site: Site) -> Program:
    """Return the extender of a control plane."""
    room = REPOSITORY / "rehearsal"
    sources = (*sorted((room / "hami").glob("*.py")), room / "api.py", room / "quantities.py")
    return Program(
        name=EXTENDER,
        command=extender_command(site.folder),
        configuration=(*sources, site.port_file, site.keys["serving"].certificate, site.tokens),
    )
