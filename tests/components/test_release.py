"""Namespaces and Helm releases."""

import pulumi
import pytest

from components.release import namespace, overlay, release
from planning.specs.infrastructure import ReleaseSpec
from planning.specs.pools import NamespaceSpec
from tests.recording import Secret, record

SPEC = ReleaseSpec(
    name="keda",
    chart="keda",
    version="2.20.2",
    repository="https://charts.example",
    namespace="keda",
    values={"settings": {"a": 1, "b": 2}},
    timeout_seconds=300,
)


def test_a_release_is_pinned_waits_and_rolls_back():
    recorded = record(lambda: release("keda-release", SPEC, pulumi.ResourceOptions()))
    inputs = recorded["keda-release"].inputs
    assert {key: inputs[key] for key in ("name", "chart", "version", "namespace", "timeout")} == {
        "name": "keda",
        "chart": "keda",
        "version": "2.20.2",
        "namespace": "keda",
        "timeout": 300,
    }
    assert inputs["repositoryOpts"] == {"repo": "https://charts.example"}
    assert inputs["atomic"]
    assert inputs["maxHistory"] == 5
    assert not inputs.get("skipAwait")


def test_an_oci_chart_names_no_repository():
    spec = SPEC.model_copy(update={"chart": "oci://charts.example/keda", "repository": None})
    recorded = record(lambda: release("keda-release", spec, pulumi.ResourceOptions()))
    assert "repositoryOpts" not in recorded["keda-release"].inputs


def test_wires_are_laid_over_the_planned_values():
    wires = {"settings": {"b": pulumi.Output.from_input(3)}, "password": pulumi.Output.secret("x")}
    recorded = record(lambda: release("keda-release", SPEC, pulumi.ResourceOptions(), wires))
    values = recorded["keda-release"].inputs["values"]
    assert values == {"settings": {"a": 1, "b": 3}, "password": Secret("x")}


def test_overlay_changes_neither_side():
    below, above = {"a": {"b": 1}}, {"a": {"c": 2}}
    assert overlay(below, above) == {"a": {"b": 1, "c": 2}}
    assert (below, above) == ({"a": {"b": 1}}, {"a": {"c": 2}})


def test_a_mapping_may_replace_a_plain_value_and_the_other_way_round():
    assert overlay({"a": 1}, {"a": {"b": 2}}) == {"a": {"b": 2}}
    assert overlay({"a": {"b": 2}}, {"a": 1}) == {"a": 1}


@pytest.mark.parametrize("level", ["restricted", "baseline", "privileged"])
def test_a_namespace_enforces_audits_and_warns_at_one_level(level: str):
    spec = NamespaceSpec.model_validate({"name": "models", "pod_security": level})
    recorded = record(lambda: namespace("models-namespace", spec, pulumi.ResourceOptions()))
    metadata = recorded["models-namespace"].inputs["metadata"]
    assert metadata["name"] == "models"
    assert metadata["labels"] == {
        "app.kubernetes.io/part-of": "llm-platform",
        "pod-security.kubernetes.io/enforce": level,
        "pod-security.kubernetes.io/audit": level,
        "pod-security.kubernetes.io/warn": level,
    }
