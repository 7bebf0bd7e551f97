"""The life of one environment, stage by stage; each stage happens once, after the one before."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rehearsal.control_plane import ControlPlane
from rehearsal.engine import Engine
from rehearsal.reported import Report
from settings.secrets import MASTER_KEY, SALT_KEY
from tests.rehearsal.cluster_objects import lasting
from tests.rehearsal.conftest import eventually
from tests.rehearsal.model_drills import ModelDrills, model_drills
from tests.rehearsal.rehearsed import Done, Rehearsed, ended

PLANTED = {
    MASTER_KEY.key: "sk-planted-master-key-that-nobody-may-see",
    SALT_KEY.key: "planted-salt-key-that-nobody-may-see",
}
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


class Life:
    """The stages of `stack`; files that commands write are in `folder`."""

    def __init__(self, stack: Rehearsed, folder: Path) -> None:
        self.stack = stack
        self.folder = folder

    @cached_property
    def before(self) -> set[str]:
        """What the cluster holds before the first `up`; the stack's secrets are planted, too."""
        pulumi = ("pulumi", "--non-interactive")
        self.stack.tool(*pulumi, "stack", "init", self.stack.layout.stack)
        for key, value in PLANTED.items():
            self.stack.tool(*pulumi, "config", "set", "--secret", key, given=value)
        ControlPlane(self.stack.layout).start(print)
        return lasting(self.stack.connection())

    @cached_property
    def both(self) -> tuple[Up, Done]:
        """The first `up`, and another that is begun while it works."""
        _ = self.before
        path = self.folder / "first.json"
        first = self.stack.begin("up", "--json", str(path))
        state = self.stack.state
        eventually("it works", lambda: first.poll() is not None or len(state.resources()) > 5)
        second = self.stack.run("up")
        done = ended(first)
        assert done.status == 0, done.said
        return Up(done, json.loads(path.read_text()), self.stack.processes()), second

    @cached_property
    def again(self) -> Up:
        """A second `up`."""
        _ = self.both
        return self._up()

    @cached_property
    def model_drills(self) -> ModelDrills:
        """Drills on a model of each pool; what they left would be seen in the next preview."""
        _ = self.again
        return model_drills(self.stack, self.folder, CHANGED_MODEL, SHARED_MODEL)

    @cached_property
    def change(self) -> dict[str, Any]:
        """The preview of another context length for one model, as JSON."""
        _ = self.model_drills

        def shorten(platform: dict[str, Any]) -> None:
            platform["models"][CHANGED_MODEL]["context"] = 8192

        self.stack.edit(shorten)
        path = self.folder / "preview.json"
        done = self.stack.run("preview", "--json", str(path))
        assert done.status == 0, done.said
        return json.loads(path.read_text())

    @cached_property
    def changed(self) -> Up:
        """The `up` after that change, and after one more replica for the same model."""
        _ = self.change

        def grow(platform: dict[str, Any]) -> None:
            platform["models"][CHANGED_MODEL]["replicas"]["min"] = 2

        self.stack.edit(grow)
        return self._up()

    @cached_property
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

    @cached_property
    def heard(self) -> list[Done]:
        """Every command so far."""
        first, second = self.both
        return [first.done, second, self.again.done, self.changed.done, self.crowded_out[1]]

    @cached_property
    def destroyed(self) -> set[str]:
        """What the cluster holds after the engine destroyed everything, and before it stops."""
        _ = self.heard
        Engine(self.stack.layout, print).destroy(lambda _: None)
        return lasting(self.stack.connection())

    def _up(self) -> Up:
        path = self.folder / "report.json"
        done = self.stack.run("up", "--json", str(path))
        assert done.status == 0, done.said
        return Up(done, json.loads(path.read_text()), self.stack.processes())
