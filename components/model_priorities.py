"""In which order waiting replicas find their place."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.scheduling.v1 import PriorityClass

from planning.specs.base import PART_OF
from planning.specs.devices import PrioritySpec


@dataclass(frozen=True, kw_only=True)
class ModelPrioritiesArgs:
    """`specs` are known before the update; the other fields are wires to other resources."""

    specs: tuple[PrioritySpec, ...]
    after: tuple[pulumi.Resource, ...] = ()


class ModelPriorities(pulumi.ComponentResource):
    """A PriorityClass per size of a replica: larger goes first, and drives out nobody.

    Replicas for batches go last.

    Source: https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/
    """

    classes: tuple[PriorityClass, ...]
    """What a pod that names one of them waits for."""

    def __init__(
        self, name: str, args: ModelPrioritiesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:ModelPriorities", name, None, opts)
        self.classes = tuple(
            PriorityClass(
                f"{name}-{spec.name}",
                metadata=ObjectMetaArgs(name=spec.name, labels=PART_OF),
                value=spec.value,
                preemption_policy="Never",
                description=spec.description,
                opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
            )
            for spec in args.specs
        )
        self.register_outputs({})
