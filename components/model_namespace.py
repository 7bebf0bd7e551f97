"""The namespace of the model services."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.networking.v1 import NetworkPolicy

from components.manifests import ingress_policy, metadata
from components.release import namespace
from planning.specs.base import PART_OF
from planning.specs.pools import NamespaceSpec


@dataclass(frozen=True, kw_only=True)
class ModelNamespaceArgs:
    """`spec` is known before the update."""

    spec: NamespaceSpec


class ModelNamespace(pulumi.ComponentResource):
    """A namespace that no traffic enters until a policy of a service in it says so.

    vLLM's key guards only `/v1`: its other routes answer anybody who reaches the port.
    Source: vLLM 0.33.0 docs/usage/security.md.
    """

    namespace: pulumi.Output[str]
    """Name of the namespace; resolves once nothing can enter it unasked."""

    def __init__(
        self, name: str, args: ModelNamespaceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:ModelNamespace", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        home = namespace(f"{name}-namespace", args.spec, inside)
        deny = NetworkPolicy(
            f"{name}-deny",
            metadata=metadata("default-deny-ingress", home.metadata.name, PART_OF),
            spec=ingress_policy({}),
            opts=inside,
        )
        self.namespace = deny.urn.apply(lambda _: args.spec.name)
        self.register_outputs({"namespace": self.namespace})
