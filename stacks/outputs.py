"""The contract for other repos: what a stack exports, with types, units and a version.

Another Pulumi program reads it as typed values:

    platform = PlatformOutputs.read(pulumi.StackReference("organization/llm-platform/prod"))
    url = platform.apply(lambda outputs: outputs.models["qwen3-8b"].api_base)
"""

from typing import Annotated, Any

import pulumi
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

CONTRACT_VERSION = 1
"""Raised when a name, a type or a unit changes; new names alone do not raise it."""


def _whole(value: Any) -> Any:
    """Return a whole number as int: a StackReference hands every number over as float."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WholeNumber = Annotated[int, BeforeValidator(_whole)]


class Contract(BaseModel):
    """Frozen; a name that this version does not know yet is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ModelEndpoint(Contract):
    """A model service inside the cluster; clients should go through the gateway."""

    api_base: str
    """OpenAI-compatible base URL."""
    context: WholeNumber
    """Longest request plus answer, in tokens."""


class PlatformOutputs(Contract):
    """What a stack of this platform exports."""

    contract_version: WholeNumber
    """Version of this contract."""
    region: str
    """AWS region."""
    vpc_id: str
    private_subnet_ids: tuple[str, ...]
    """One per availability zone."""
    cluster_name: str
    """EKS cluster, as `aws eks update-kubeconfig --name` takes it."""
    cluster_endpoint: str
    """URL of the Kubernetes API."""
    cluster_certificate_authority: str
    """Its CA certificate, base64 of PEM."""
    cluster_security_group_id: str
    node_role_arn: str
    """IAM role of the nodes that Karpenter, or EKS Auto Mode, starts."""
    models_namespace: str
    """Namespace of the model services."""
    model_bucket: str | None = None
    """S3 bucket of model weights; None where the environment has none."""
    device_classes: dict[str, str] = {}
    """DeviceClass of each pool whose GPUs are claimed, by the pool's name."""
    gateway_url: str
    """URL of the gateway inside the cluster; OpenAI-compatible below `/v1`."""
    models: dict[str, ModelEndpoint]
    """Model services by the name that clients send as `model`."""

    @classmethod
    def read(cls, stack: pulumi.StackReference) -> pulumi.Output["PlatformOutputs"]:
        """Return the outputs of another stack, typed.

        Errors: an output that is missing or of another type fails the update that reads it, with
        the output's name and the contract version found.
        """
        return stack.outputs.apply(cls.parse)

    @classmethod
    def parse(cls, exported: dict[str, Any]) -> "PlatformOutputs":
        """Return exported values as typed ones.

        Raises:
            pulumi.RunError: naming every output that is missing or of another type.
        """
        try:
            return cls.model_validate(exported)
        except ValidationError as error:
            wrong = "; ".join(
                f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}"
                for detail in error.errors(include_url=False)
            )
            found = exported.get("contract_version", "none")
            raise pulumi.RunError(
                f"the stack does not keep contract {CONTRACT_VERSION} (found {found}): {wrong}"
            ) from None
