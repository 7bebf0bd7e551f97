"""What is told of the engine while it works."""

import io
from collections.abc import Mapping
from typing import Any

from pulumi.automation.events import EngineEvent
from rich.console import Console

from rehearsal.progress import INTENTIONS, VERBS, EngineProgress


def event(kind: str, content: dict[str, Any]) -> EngineEvent:
    document = {"sequence": 1, "timestamp": 1, kind: content}
    return EngineEvent.from_json(document)  # pyright: ignore[reportUnknownMemberType] - the SDK's dict


def step(op: str, name: str) -> EngineEvent:
    metadata = {"op": op, "urn": f"urn:pulumi:dev::p::t::{name}", "type": "t", "provider": ""}
    return event("resOutputsEvent", {"metadata": metadata})


def complaint(severity: str, message: str, urn: str = "") -> EngineEvent:
    told = {"message": message, "color": "never", "severity": severity, "urn": urn}
    return event("diagnosticEvent", told)


def heard(*events: EngineEvent, verbs: Mapping[str, str] = VERBS) -> tuple[str, list[str]]:
    """Return what was printed to a pipe, and the errors that were kept."""
    out = io.StringIO()
    progress = EngineProgress(Console(file=out, width=200), "up", verbs)
    with progress:
        for event in events:
            progress.on_event(event)
    return out.getvalue(), progress.errors


def test_each_resource_counts_once():
    said, _ = heard(step("create", "a"), step("create", "a"), step("create", "b"))
    assert said.splitlines()[-1] == "up: 2 created (0 s)"


def test_a_replacement_counts_once():
    said, _ = heard(*(step(op, "a") for op in ("create-replacement", "replace", "delete-replaced")))
    assert said.splitlines()[-1] == "up: 1 replaced (0 s)"


def test_an_update_that_does_nothing_says_so():
    said, _ = heard(step("same", "a"), step("same", "b"))
    assert said.splitlines()[-1] == "up: nothing changed (0 s)"


def test_a_preview_speaks_of_what_would_be():
    said, _ = heard(step("create", "a"), step("same", "b"), verbs=INTENTIONS)
    assert said.splitlines()[-1] == "up: 1 to create, 1 unchanged (0 s)"


def test_an_error_names_its_resource_once_and_the_engines_summary_is_no_news():
    urn = "urn:pulumi:dev::p::aws:ec2/vpc:Vpc::network-vpc"
    stack = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev"
    _, errors = heard(
        complaint("error", "<{%reset%}>no such thing<{%reset%}>\n", urn),
        complaint("error", "no such thing", urn),
        complaint("error", "refused: 1 finding", stack),
        complaint("error", "update failed", stack),
        complaint("error", "no plugin"),
    )
    assert errors == ["network-vpc: no such thing", "refused: 1 finding", "no plugin"]


def test_a_warning_is_passed_on_but_not_that_of_our_plugins():
    said, errors = heard(
        complaint("warning", "using pulumi-resource-aws from $PATH at x"),
        complaint("warning", "[a] budget is tight"),
    )
    assert said.splitlines()[1] == "mind [a] budget is tight"
    assert "using pulumi-resource" not in said
    assert errors == []
