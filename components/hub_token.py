"""The environment's token of the Hugging Face Hub, where pods of the models can read it."""

from dataclasses import dataclass

import pulumi

from components.secret_values import SecretValues, hold_secret
from planning.specs.loading import HubTokenSpec


@dataclass(frozen=True, kw_only=True)
class HubTokenArgs:
    """`spec` is known before the update; the other fields are wires."""

    spec: HubTokenSpec
    namespace: pulumi.Input[str]
    """Namespace of the Secret, `spec.namespace` once it exists."""
    values: SecretValues
    """Who knows the token, under the key `spec.variable`."""


class HubToken(pulumi.ComponentResource):
    """A Secret with one key. Whoever may start pods in its namespace can read it."""

    secret_name: pulumi.Output[str]
    """Resolves once it is there."""

    def __init__(
        self, name: str, args: HubTokenArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:HubToken", name, None, opts)
        spec = args.spec
        held = hold_secret(
            f"{name}-secret",
            spec.name,
            namespace=args.namespace,
            labels=spec.labels,
            values=args.values,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.secret_name = held.name
        self.register_outputs({"secret_name": self.secret_name})
