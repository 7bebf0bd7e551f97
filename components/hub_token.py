"""The stack's token of the Hugging Face Hub, where pods of the models namespace can read it."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import Secret

from components.manifests import metadata
from planning.specs.loading import HubTokenSpec


@dataclass(frozen=True, kw_only=True)
class HubTokenArgs:
    """`spec` is known before the update; the other fields are wires."""

    spec: HubTokenSpec
    namespace: pulumi.Input[str]
    """Namespace of the Secret, `spec.namespace` once it exists."""
    token: pulumi.Input[str]


class HubToken(pulumi.ComponentResource):
    """A Secret with one key. Whoever may start pods in its namespace can read it."""

    secret_name: pulumi.Output[str]
    """Resolves once it is there."""

    def __init__(
        self, name: str, args: HubTokenArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:HubToken", name, None, opts)
        spec = args.spec
        secret = Secret(
            f"{name}-secret",
            metadata=metadata(spec.name, args.namespace, spec.labels),
            # The SDK encrypts it in the state, also where a wire itself is no secret.
            string_data={spec.variable: args.token},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.secret_name = secret.urn.apply(lambda _: spec.name)
        self.register_outputs({"secret_name": self.secret_name})
