"""A Go program of three lines and its recipe: what the tests of the tool builder build."""

import io
import subprocess
from pathlib import Path

from rich.console import Console

from rehearsal.tools.recipes import Recipe
from rehearsal.tools.toolbox import Toolbox

MAIN = 'package main\n\nvar version = "unset"\n\nfunc main() { println("hello", version) }\n'
GO_MOD = """module test/wrapper

go 1.26.0

require example.test/upstream v1.2.3

replace example.test/upstream => ../../upstream
"""


def toolbox_in(folder: Path) -> Toolbox:
    """Return the toolbox whose one program says hello and its version."""
    recipe = Recipe(
        "hello",
        "example.test/upstream",
        {"hello": "example.test/upstream/cmd/hello"},
        variables={"main.version": "{version}/{major}/{minor}"},
        shared={"hello-crds": ("crds",)},
        modules=folder / "modules",
    )
    return Toolbox(folder / "tools", (recipe,))


def write_hello(folder: Path) -> Toolbox:
    """Write its upstream and its wrapper below `folder`, and return its toolbox."""
    files = {
        "upstream/go.mod": "module example.test/upstream\n\ngo 1.26.0\n",
        "upstream/cmd/hello/main.go": MAIN,
        "upstream/crds/one.yaml": "kind: One\n",
        "modules/hello/go.mod": GO_MOD,
        "modules/hello/go.sum": "",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return toolbox_in(folder)


def ensure(toolbox: Toolbox) -> str:
    """Build what is missing, and return what was said."""
    heard = io.StringIO()
    toolbox.ensure(Console(file=heard))
    return heard.getvalue()


def says(program: Path) -> str:
    return subprocess.run([program], capture_output=True, text=True, check=True).stderr.strip()
