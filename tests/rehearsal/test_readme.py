"""What the README tells a newcomer to type is there."""

import re

from rehearsal.control_plane.site import Site
from rehearsal.layout import REPOSITORY, Layout

README = (REPOSITORY / "README.md").read_text("utf-8")


def test_its_kubeconfig_is_the_administrator_s_of_the_control_plane():
    (named,) = re.findall(r"--kubeconfig (\S+)", README)
    site = Site(Layout.of("dev").control_plane, {})
    assert REPOSITORY / named == site.kubeconfig("admin")


def test_every_page_that_it_names_is_there():
    pages = re.findall(r"\]\(([^)#:]+)\)", README)
    assert pages
    assert [page for page in pages if not (REPOSITORY / page).exists()] == []
