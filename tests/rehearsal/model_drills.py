"""The drills on the models of a stack that is up: a roll cut short, a roll, and two lost nodes."""

import json
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.drills.model_roll import ANNOTATION
from tests.rehearsal.conftest import eventually
from tests.rehearsal.rehearsed import Done, Rehearsed, ended


@dataclass(frozen=True)
class ModelDrills:
    """What was seen."""

    interrupted: Done
    left_by_interrupted: bool
    """Whether the Deployment still has the drill's annotation."""
    rolled: dict[str, Any]
    """The drill's JSON, as of the others."""
    lost: dict[str, dict[str, Any]]
    """By model."""
    report: dict[str, Any]
    """Of the stack, after them."""


def model_drills(stack: Rehearsed, folder: Path, by_karpenter: str, by_group: str) -> ModelDrills:
    """Drill a model of each kind of pool; the roll to its end is of Karpenter's."""
    cut_short = stack.begin("drill", "model-roll", "--model", by_group)
    eventually("it rolls", lambda: cut_short.poll() is not None or _is_annotated(stack, by_group))
    cut_short.send_signal(signal.SIGINT)
    interrupted, left = ended(cut_short), _is_annotated(stack, by_group)
    rolled = _drilled(stack, folder, "model-roll", by_karpenter)
    models = (by_karpenter, by_group)
    lost = {model: _drilled(stack, folder, "node-loss", model) for model in models}
    after = stack.run("report", "--json")
    assert after.status == 0, after.said
    return ModelDrills(interrupted, left, rolled, lost, json.loads(after.output))


def by_step(drill: dict[str, Any]) -> dict[str, str]:
    """Return what a drill saw, by step."""
    return {step["name"]: step["seen"] for step in drill["steps"]}


def _drilled(stack: Rehearsed, folder: Path, drill: str, model: str) -> dict[str, Any]:
    path = folder / f"{drill}.json"
    done = stack.run("drill", drill, "--model", model, "--json", str(path))
    assert done.status == 0, done.said
    return json.loads(path.read_text())


def _is_annotated(stack: Rehearsed, model: str) -> bool:
    deployment = stack.kubectl().get("deployment", model, "-n", "models")
    return ANNOTATION in deployment["spec"]["template"]["metadata"].get("annotations", {})
