"""A measured process that is nothing: a few marks, a failure, or a wait with a child."""

import subprocess
import sys
from pathlib import Path

from benchmarks.marks import LOADED, Marks


def main(wish: str, *arguments: str) -> None:
    marks = Marks()
    marks.reached(LOADED)
    if wish == "fail":
        sys.exit("the stub was asked to fail")
    if wish == "wait":
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        Path(arguments[0]).write_text(str(child.pid))
        child.wait()
    marks.around(lambda: None)()
    sys.stdout.write("what a library says\n")
    marks.tell({"create": 3, "same": 1})


if __name__ == "__main__":
    main(*sys.argv[1:])
