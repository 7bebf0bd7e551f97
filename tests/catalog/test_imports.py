import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
MODULES = sorted(f"catalog.{file.stem}" for file in (REPOSITORY / "catalog").glob("[!_]*.py"))

PROBE = """
import sys, {modules}
opened = []
sys.addaudithook(lambda event, args: opened.append(args[0]) if event == "open" else None)
for name in {names}:
    sys.modules.pop(name)
import {modules}
foreign = sorted(name for name in sys.modules if name.split(".")[0] in {rooms})
data = sorted(str(path) for path in opened if not str(path).endswith((".py", ".pyc")))
sys.exit(f"{{foreign}} {{data}}" if foreign or data else 0)
"""


def test_the_catalog_needs_no_pulumi_no_other_room_and_no_file_to_be_imported():
    rooms = {"pulumi", "pulumi_aws", "settings", "planning", "components", "stacks", "rehearsal"}
    probe = PROBE.format(modules=", ".join(MODULES), names=MODULES, rooms=rooms)
    done = subprocess.run(
        [sys.executable, "-c", probe], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
