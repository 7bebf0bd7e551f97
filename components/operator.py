"""What every controller that comes as one chart has: a namespace of its own and a release."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import ConfigMap
from pulumi_kubernetes.helm.v3 import Release
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.release import namespace, release
from planning.specs.base import PART_OF
from planning.specs.pools import OperatorSpec


@dataclass(frozen=True, kw_only=True)
class OperatorArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: OperatorSpec
    after: tuple[pulumi.Resource, ...] = ()
    """What the chart needs to find: the nodes of its pods, CRDs that its templates use."""


class Operator(pulumi.ComponentResource):
    """A namespace and a release in it; each operator is a subclass, and its name is its type's.

    The ConfigMaps that its values name are there before it. The release waits until its pods are
    ready, so what depends on an operator finds its CRDs and its webhooks at work, and a destroy
    removes the custom resources while the operator still lives.
    """

    release: Release
    """The chart as installed."""
    namespace: pulumi.Output[str]
    """Name of the namespace; resolves once the operator is ready."""

    def __init__(
        self, name: str, args: OperatorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"llm-platform:index:{type(self).__name__}", name, None, opts)
        home = namespace(
            f"{name}-namespace",
            args.spec.namespace,
            pulumi.ResourceOptions(parent=self),
        )
        config_maps = [
            ConfigMap(
                f"{name}-{spec.prefix}",
                metadata=ObjectMetaArgs(
                    name=spec.name,
                    namespace=args.spec.namespace.name,
                    labels=PART_OF | spec.labels,
                ),
                data=spec.data,
                immutable=True,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[home]),
            )
            for spec in args.spec.config_maps
        ]
        self.release = release(
            f"{name}-release",
            args.spec.release,
            pulumi.ResourceOptions(parent=self, depends_on=[home, *config_maps, *args.after]),
        )
        self.namespace = self.release.urn.apply(lambda _: args.spec.namespace.name)
        self.register_outputs({"namespace": self.namespace})
