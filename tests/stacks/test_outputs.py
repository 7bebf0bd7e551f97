"""The contract with other repos: typed values, and a missing one named."""

from typing import Any

import pulumi
import pytest

from stacks.outputs import CONTRACT_VERSION, PlatformOutputs

EXPORTED: dict[str, Any] = {
    # As a StackReference hands them over: every number is a float.
    "contract_version": 1.0,
    "region": "us-west-2",
    "vpc_id": "vpc-1",
    "private_subnet_ids": ["subnet-1", "subnet-2"],
    "cluster_name": "llm-platform-dev",
    "cluster_endpoint": "https://cluster.example",
    "cluster_certificate_authority": "Y2E=",
    "cluster_security_group_id": "sg-1",
    "node_role_arn": "arn:aws:iam::111122223333:role/node",
    "models_namespace": "models",
    "model_bucket": "model-store-bucket-1a2b3c4",
    "gateway_url": "http://litellm.gateway.svc:4000",
    "models": {"qwen3-8b": {"api_base": "http://qwen3-8b.models.svc:8000/v1", "context": 32768.0}},
}


def test_whole_numbers_are_ints_again():
    outputs = PlatformOutputs.parse(EXPORTED)
    assert (outputs.contract_version, type(outputs.contract_version)) == (CONTRACT_VERSION, int)
    context = outputs.models["qwen3-8b"].context
    assert (context, type(context)) == (32768, int)
    assert outputs.private_subnet_ids == ("subnet-1", "subnet-2")


REQUIRED = [name for name, field in PlatformOutputs.model_fields.items() if field.is_required()]


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_output_is_named(name: str):
    exported = {key: value for key, value in EXPORTED.items() if key != name}
    with pytest.raises(pulumi.RunError, match=rf"{name}: Field required"):
        PlatformOutputs.parse(exported)


def test_a_stack_without_a_bucket_says_none():
    assert PlatformOutputs.parse(EXPORTED).model_bucket == "model-store-bucket-1a2b3c4"
    without = {key: value for key, value in EXPORTED.items() if key != "model_bucket"}
    assert PlatformOutputs.parse(without).model_bucket is None


def test_everything_that_is_wrong_is_said_at_once_with_the_contract_found():
    exported = EXPORTED | {"region": 7, "models": {"qwen3-8b": {"context": 1.5}}}
    with pytest.raises(pulumi.RunError) as refused:
        PlatformOutputs.parse(exported)
    said = str(refused.value)
    assert "does not keep contract 1 (found 1.0)" in said
    for path in ("region: ", "models.qwen3-8b.api_base: ", "models.qwen3-8b.context: "):
        assert path in said


def test_an_output_of_a_newer_contract_is_passed_over():
    assert PlatformOutputs.parse(EXPORTED | {"later": True}).region == "us-west-2"


def test_an_empty_stack_says_that_it_has_no_contract():
    with pytest.raises(pulumi.RunError, match=r"found none"):
        PlatformOutputs.parse({})
