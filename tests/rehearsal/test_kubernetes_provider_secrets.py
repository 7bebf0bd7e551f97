"""What the kubernetes provider hides, and what it sees of changes made by others."""

import base64
from typing import Any

import pytest

from rehearsal.providers.kubernetes.drift import refreshed_inputs
from rehearsal.providers.kubernetes.secrecy import Redactor, sealed_object
from rehearsal.providers.plugin import ProviderError
from rehearsal.providers.values import Properties, Secret


def test_secret_inputs_stay_secret_in_outputs():
    inputs: Properties = {
        "spec": {"containers": [{"env": [{"value": Secret("s3cret")}]}], "replicas": 1},
        "data": {"a": Secret("s3cret"), "b": "open"},
    }
    live: Properties = {
        "spec": {"containers": [{"name": "sidecar"}, {"env": [{"value": "s3cret"}]}], "x": 1},
        "data": {"a": "s3cret", "b": "open"},
    }
    sealed: Any = sealed_object(live, inputs)
    assert isinstance(sealed["spec"]["containers"], Secret), "the server may reorder a list"
    assert sealed["spec"]["x"] == 1
    assert sealed["data"] == {"a": Secret("s3cret"), "b": "open"}


def test_a_secrets_data_is_secret_though_nobody_said_so():
    sealed = sealed_object({"kind": "Secret", "data": {"a": "eA=="}, "type": "Opaque"}, {})
    assert sealed == {"kind": "Secret", "data": Secret({"a": "eA=="}), "type": "Opaque"}


def test_an_error_names_no_secret_in_any_spelling():
    encoded = base64.b64encode(b"hunter22").decode()
    redactor = Redactor({"a": Secret("hunter22"), "b": Secret(12345), "c": "open"})
    with pytest.raises(ProviderError) as caught, redactor.errors():
        raise ProviderError(f'"hunter22", {encoded} and 12345 are invalid, open is not')
    assert str(caught.value) == '"[secret]", [secret] and [secret] are invalid, open is not'


def drifted(inputs: Any, recorded: Any, live: Any) -> Any:
    found: Any = refreshed_inputs({"x": inputs}, {"x": recorded}, {"x": live})
    return found.get("x", "gone")


def test_only_changes_of_our_own_fields_are_drift():
    assert drifted({"cpu": "1000m"}, {"cpu": "1"}, {"cpu": "1", "defaulted": True}) == {
        "cpu": "1000m"
    }
    assert drifted({"a": 1, "b": 2}, {"a": 1, "b": 2}, {"a": 1, "b": 3}) == {"a": 1, "b": 3}
    assert drifted({"a": 1, "b": 2}, {"a": 1, "b": 2}, {"a": 1}) == {"a": 1}
    assert drifted({"a": 1, "b": {}}, {"a": 1}, {"a": 1, "c": 1}) == {"a": 1, "b": {}}
    assert drifted("kept", "old", None) is None


def test_drift_in_lists_follows_names_and_else_positions():
    ours = [{"name": "main", "image": "a"}]
    sidecar = {"name": "sidecar", "image": "s"}
    assert drifted(ours, ours, [sidecar, *ours]) == ours
    assert drifted(ours, ours, [sidecar, {"name": "main", "image": "b"}]) == [
        {"name": "main", "image": "b"}
    ]
    assert drifted(ours, ours, [sidecar]) == []
    assert drifted([{"port": 1}], [{"port": 1, "p": "TCP"}], [{"port": 2, "p": "TCP"}]) == [
        {"port": 2}
    ]
    assert drifted(["a"], ["a"], ["a", "b"]) == ["a", "b"]


def test_drift_of_a_secrets_text_is_seen_through_its_data_and_stays_secret():
    def secret(text: str) -> Properties:
        return {"kind": "Secret", "data": {"a": base64.b64encode(text.encode()).decode()}}

    inputs: Properties = {"kind": "Secret", "stringData": Secret({"a": "old"})}
    assert refreshed_inputs(inputs, secret("old"), secret("old")) == inputs
    assert refreshed_inputs(inputs, secret("old"), secret("new")) == {
        "kind": "Secret",
        "stringData": Secret({"a": "new"}),
    }
