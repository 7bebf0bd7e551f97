"""DeviceClasses of the platform's pools, for claims of other teams.

Source: Kubernetes 1.36 API, resource.k8s.io/v1.
"""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.resource.v1 import DeviceClass

from components.device_claims import cel
from planning.specs.base import PART_OF, POOL_LABEL
from planning.specs.claimed_devices import DeviceClassSpec


@dataclass(frozen=True, kw_only=True)
class DeviceClassesArgs:
    """Known before the update."""

    specs: tuple[DeviceClassSpec, ...]


class DeviceClasses(pulumi.ComponentResource):
    """One DeviceClass per pool whose GPUs are claimed: its driver's GPUs of its product.

    A class knows nothing of nodes: who claims from it also selects the pool's nodes by their label
    and tolerates their taints.
    """

    names: pulumi.Output[dict[str, str]]
    """Name of the class by pool; resolves once all are there."""

    def __init__(
        self, name: str, args: DeviceClassesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:DeviceClasses", name, None, opts)
        made = {
            spec.pool: DeviceClass(
                f"{name}-{spec.pool}",
                metadata=ObjectMetaArgs(name=spec.name, labels=PART_OF | {POOL_LABEL: spec.pool}),
                spec={"selectors": [cel(text) for text in spec.selectors]},
                opts=pulumi.ResourceOptions(parent=self),
            )
            for spec in args.specs
        }
        known = {spec.pool: spec.name for spec in args.specs}
        self.names = pulumi.Output.all(*(found.urn for found in made.values())).apply(
            lambda _: known
        )
        self.register_outputs({"names": self.names})
