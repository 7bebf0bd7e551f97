"""The life of one environment, stage by stage; each stage happens once, after the one before."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.control_plane import ControlPlane
from rehearsal.reported import Report
from tests.rehearsal.cluster_objects import lasting
from tests.rehearsal.conftest import eventually
from tests.rehearsal.model_drills import ModelDrills, model_drills
from tests.rehearsal.planted import PLANTED
from tests.rehearsal.pool_drill import PoolDrill, pool_drill
from tests.rehearsal.rehearsed import Done, Rehearsed, ended
from tests.rehearsal.stages import Staged, stage
from tests.rehearsal.strikes import (
    Destroyed,
    Interruptions,
    engine_of,
    interrupted_destroy,
    interrupted_up,
)

CHANGED_MODEL, SHARED_MODEL, SHARED_POOL = "qwen2-5-7b", "qwen3-0-6b", "shared-l4"


@dataclass(frozen=True)
class Up:
    """An `up`, with the report it wrote, and what it left running."""

    done: Done
    report: dict[str, Any]
    processes: dict[int, str]

    @property
    def running(self) -> dict[str, int]:
        """Return the running replicas by model."""
        return {service["name"]: service["running"] for service in self.report["services"]}


class Life(Staged):
    """The stages of `stack`; files that commands write are in `folder`."""

    def __init__(self, stack: Rehearsed, folder: Path) -> None:
        self.stack = stack
        self.folder = folder

    @stage
    def before(self) -> set[str]:
        """What the cluster holds before the first `up`; the stack's secrets are planted, too."""
        pulumi = ("pulumi", "--non-interactive")
        self.stack.tool(*pulumi, "stack", "init", self.stack.layout.stack)
        for key, value in PLANTED.items():
            self.stack.tool(*pulumi, "config", "set", "--secret", key, given=value)
        ControlPlane(self.stack.layout).start(print)
        return lasting(self.stack.connection())

    @stage
    def interrupted(self) -> Interruptions:
        """An `up` that is struck three times."""
        _ = self.before
        return interrupted_up(self.stack)

    @stage
    def both(self) -> tuple[Up, Done]:
        """The `up` that is let through, and another that is begun while it works."""
        _ = self.interrupted
        path = self.folder / "first.json"
        first = self.stack.begin("up", "--json", str(path))
        eventually("it works", lambda: first.poll() is not None or engine_of(first) is not None)
        second = self.stack.run("up")
        done = ended(first)
        assert done.status == 0, done.said
        return Up(done, json.loads(path.read_text()), self.stack.processes()), second

    @stage
    def again(self) -> Up:
        """A second `up`."""
        _ = self.both
        return self._up()

    @stage
    def pool_drill(self) -> PoolDrill:
        """The drill on Karpenter's pool."""
        _ = self.again
        return pool_drill(self.stack, self.folder)

    @stage
    def model_drills(self) -> ModelDrills:
        """Drills on a model of each pool; what they left would be seen in the next preview."""
        _ = self.pool_drill
        return model_drills(self.stack, self.folder, CHANGED_MODEL, SHARED_MODEL)

    @stage
    def change(self) -> dict[str, str]:
        """What the preview of another context length for one model would do, by resource."""
        _ = self.model_drills

        def shorten(platform: dict[str, Any]) -> None:
            platform["models"][CHANGED_MODEL]["context"] = 8192

        self.stack.edit(shorten)
        path = self.folder / "preview.json"
        done = self.stack.run("preview", "--json", str(path))
        assert done.status == 0, done.said
        steps = json.loads(path.read_text())["steps"]
        changes = [step for step in steps if step["op"] != "same"]
        return {step["urn"].rpartition("::")[2]: step["op"] for step in changes}

    @stage
    def changed(self) -> Up:
        """The `up` after that change, and after one more replica for the same model."""
        _ = self.change

        def grow(platform: dict[str, Any]) -> None:
            platform["models"][CHANGED_MODEL]["replicas"]["min"] = 2

        self.stack.edit(grow)
        return self._up()

    @stage
    def crowded_out(self) -> tuple[Report, Done]:
        """The report after a replica lost its place behind the plan's back."""
        nodes = self.changed.report["nodes"]
        node = next(each["name"] for each in nodes if each["pool"] == SHARED_POOL)
        kubectl = self.stack.kubectl()
        kubectl.run("cordon", node)
        pod = kubectl.get("pods", "-A", "-l", f"llm-platform/model={SHARED_MODEL}")[0]["metadata"]
        kubectl.run("delete", "pod", pod["name"], "-n", pod["namespace"], "--wait=false")

        pods = ("pods", "-n", pod["namespace"], "--field-selector=status.phase=Pending", "-o=yaml")
        eventually("the scheduler refuses", lambda: "Unschedulable" in kubectl.run("get", *pods))
        done = self.stack.run("report", "--json")
        return Report.model_validate_json(done.output), done

    @stage
    def destroyed(self) -> Destroyed:
        """A destroy that is struck twice, and the one that is let through."""
        _ = self.crowded_out
        return interrupted_destroy(self.stack)

    def _up(self) -> Up:
        path = self.folder / "report.json"
        done = self.stack.run("up", "--json", str(path))
        assert done.status == 0, done.said
        return Up(done, json.loads(path.read_text()), self.stack.processes())
