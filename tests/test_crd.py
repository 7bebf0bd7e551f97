"""The schema check that tests of custom resources use."""

from typing import Any

import pytest

from tests.crd import misfits

NODE_POOL: dict[str, Any] = {
    "apiVersion": "karpenter.sh/v1",
    "kind": "NodePool",
    "metadata": {"name": "l40s"},
    "spec": {
        "template": {
            "spec": {
                "nodeClassRef": {
                    "group": "karpenter.k8s.aws",
                    "kind": "EC2NodeClass",
                    "name": "l40s",
                },
                "requirements": [],
            }
        }
    },
}


def changed(**spec: Any) -> dict[str, Any]:
    return NODE_POOL | {"spec": NODE_POOL["spec"] | spec}


def test_a_resource_that_fits_has_no_misfit():
    assert misfits(NODE_POOL) == []


def test_an_unknown_field_is_named():
    (found,) = misfits(changed(limit={"nvidia.com/gpu": "8"}))
    assert "'limit' was unexpected" in found


def test_a_missing_field_is_named():
    (found,) = misfits(changed(disruption={}))
    assert found == "$.spec.disruption: 'consolidateAfter' is a required property"


def test_a_wrong_word_is_named_with_its_place():
    (found,) = misfits(changed(disruption={"consolidateAfter": "soon"}))
    assert found.startswith("$.spec.disruption.consolidateAfter: 'soon' does not match")


def test_free_maps_take_any_key_and_check_every_value():
    assert misfits(changed(limits={"nvidia.com/gpu": 8, "cpu": "100"})) == []
    assert misfits(changed(limits={"nvidia.com/gpu": 8.5}))


@pytest.mark.parametrize(
    ("api_version", "kind"), [("karpenter.sh/v1", "Unknown"), ("karpenter.sh/v9", "NodePool")]
)
def test_a_kind_without_a_definition_is_an_error(api_version: str, kind: str):
    with pytest.raises(LookupError, match=f"defines {kind} of {api_version}"):
        misfits({"apiVersion": api_version, "kind": kind})
