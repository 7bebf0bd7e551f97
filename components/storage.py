"""The StorageClass of every volume that asks for none. EKS makes no default one.

Source: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.storage.v1 import StorageClass

from catalog.storage_drivers import EBS_CSI
from planning.specs.base import PART_OF
from planning.specs.infrastructure import StorageSpec

DEFAULT_CLASS = {"storageclass.kubernetes.io/is-default-class": "true"}


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """`spec` is known before the update; the other field orders it."""

    spec: StorageSpec
    after: tuple[pulumi.Resource, ...] = ()
    """The driver that makes and removes the volumes."""


class Storage(pulumi.ComponentResource):
    """An encrypted gp3 class that waits for the pod, so that the volume is made in its zone."""

    class_name: pulumi.Output[str]
    """Name of the class; resolves once it exists."""

    def __init__(
        self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:Storage", name, None, opts)
        made = StorageClass(
            f"{name}-class",
            metadata=ObjectMetaArgs(
                name=args.spec.class_name, labels=PART_OF, annotations=DEFAULT_CLASS
            ),
            provisioner=EBS_CSI,
            parameters={"type": "gp3", "encrypted": "true"} | tag_parameters(args.spec.tags),
            volume_binding_mode="WaitForFirstConsumer",
            allow_volume_expansion=True,
            reclaim_policy="Delete",
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
        )
        self.class_name = made.urn.apply(lambda _: args.spec.class_name)
        self.register_outputs({"class_name": self.class_name})


def tag_parameters(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters that make the driver tag each volume.

    Source: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md
    """
    numbered = enumerate(sorted(tags.items()), start=1)
    return {f"tagSpecification_{number}": f"{key}={value}" for number, (key, value) in numbered}
