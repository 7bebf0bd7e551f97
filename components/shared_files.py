"""Files that many pods share: a file system, its CSI driver, and a claim in one namespace."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi_kubernetes.core.v1 import PersistentVolume, PersistentVolumeClaim
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.file_systems import FileSystemWires, Volume, efs, lustre
from components.iam import POD_IDENTITY_TRUST, Policy, allow, policy
from components.manifests import Manifest, metadata
from planning.specs.storage import (
    ClaimSpec,
    DriverSpec,
    EfsSpec,
    LustreSpec,
    MountpointSpec,
    SharedFilesSpec,
)

LOOKS: dict[str, tuple[str, ...]] = {
    "efs": (
        "elasticfilesystem:DescribeAccessPoints",
        "elasticfilesystem:DescribeFileSystems",
        "elasticfilesystem:DescribeMountTargets",
        "ec2:DescribeAvailabilityZones",
    ),
    "fsx-lustre": ("fsx:DescribeFileSystems",),
}
"""What a driver's controller asks AWS where nothing is made on demand: the reading part of
AmazonEFSCSIDriverPolicy, and of the policy in aws-fsx-csi-driver, docs/install.md."""


@dataclass(frozen=True, kw_only=True)
class SharedFilesArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: SharedFilesSpec
    namespace: pulumi.Input[str]
    """Namespace of the claim, `spec.claim.namespace` once it exists."""
    cluster_name: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Output[list[str]]
    """Private subnets, one per zone."""
    nodes_group_id: pulumi.Input[str]
    """Security group of the nodes."""
    bucket_name: pulumi.Input[str] | None
    """The model bucket, for the kinds that show its files."""
    after: tuple[pulumi.Resource, ...] = ()
    """What the driver's controller needs to run: nodes without a GPU."""


class SharedFiles(pulumi.ComponentResource):
    """One volume for a whole namespace, made beforehand and never on demand.

    The claim alone may bind the volume. What lies in it outlives both.
    """

    claim_name: pulumi.Output[str]
    """Name of the claim; resolves once it is bound."""

    def __init__(
        self, name: str, args: SharedFilesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:SharedFiles", name, None, opts)
        self._prefix, self._child = name, pulumi.ResourceOptions(parent=self)
        spec = args.spec
        driver = self._driver(spec.driver, LOOKS.get(spec.kind, ()), args)
        volume = self._volume(args)
        made = PersistentVolume(
            f"{name}-volume",
            metadata=ObjectMetaArgs(name=spec.claim.name, labels=spec.claim.labels),
            spec=volume_spec(spec.claim, spec.driver.csi_name, volume),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[driver, *volume.ready]),
        )
        claim = PersistentVolumeClaim(
            f"{name}-claim",
            metadata=metadata(spec.claim.name, args.namespace, spec.claim.labels),
            spec=claim_spec(spec.claim),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[made]),
        )
        self.claim_name = claim.urn.apply(lambda _: spec.claim.name)
        self.register_outputs({"claim_name": self.claim_name})

    def _volume(self, args: SharedFilesArgs) -> Volume:
        """Make the file system of the spec's kind."""
        wires = FileSystemWires(
            parent=self,
            vpc_id=args.vpc_id,
            subnet_ids=args.subnet_ids,
            nodes_group_id=args.nodes_group_id,
        )
        match args.spec, args.bucket_name:
            case EfsSpec() as spec, _:
                return efs(self._prefix, spec, wires)
            case LustreSpec() as spec, bucket if bucket is not None:
                return lustre(self._prefix, spec, wires, bucket)
            case MountpointSpec() as spec, bucket if bucket is not None:
                return mounted_bucket(spec.claim.name, bucket)
            case spec, _:
                raise ValueError(
                    f"shared files of kind {spec.kind} show the model bucket, and there is none; "
                    "pass `bucket_name`"
                )

    def _driver(
        self, spec: DriverSpec, looks: tuple[str, ...], args: SharedFilesArgs
    ) -> aws.eks.Addon:
        """Install the CSI driver; its controller may look at file systems and change none."""
        associations, allowed = self._identity(spec, looks)
        return aws.eks.Addon(
            f"{self._prefix}-driver",
            addon_name=spec.addon,
            addon_version=spec.version,
            cluster_name=args.cluster_name,
            pod_identity_associations=associations,
            preserve=False,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.after, *allowed]),
        )

    def _identity(
        self, spec: DriverSpec, looks: tuple[str, ...]
    ) -> tuple[list[aws.eks.AddonPodIdentityAssociationArgs] | None, list[pulumi.Resource]]:
        if spec.controller_account is None:
            return None, []
        role = aws.iam.Role(
            f"{self._prefix}-driver-role",
            assume_role_policy=json.dumps(POD_IDENTITY_TRUST),
            opts=self._child,
        )
        may_look = aws.iam.RolePolicy(
            f"{self._prefix}-driver-looks",
            role=role.name,
            policy=json.dumps(look_policy(looks)),
            opts=self._child,
        )
        association = aws.eks.AddonPodIdentityAssociationArgs(
            role_arn=role.arn, service_account=spec.controller_account
        )
        return [association], [may_look]


def mounted_bucket(name: str, bucket_name: pulumi.Input[str]) -> Volume:
    """Return the bucket as a volume; every pod reads it with a role of its own.

    Source: awslabs/mountpoint-s3-csi-driver: docs/CONFIGURATION.md, pod-level credentials.
    """
    attributes = {"bucketName": bucket_name, "authenticationSource": "pod"}
    return Volume(handle=name, attributes=attributes, ready=())


def look_policy(actions: tuple[str, ...]) -> Policy:
    """Return what a driver's controller may do, with any file system, as its maker has it."""
    return policy(allow("LookAtFileSystems", actions, "*"))


def volume_spec(claim: ClaimSpec, csi_name: str, volume: Volume) -> Manifest:
    """Return the volume, kept for its claim; a deletion leaves the files alone."""
    return {
        "capacity": {"storage": f"{claim.capacity_gib}Gi"},
        "accessModes": [claim.access_mode],
        "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": "",
        "claimRef": {"namespace": claim.namespace, "name": claim.name},
        **({"mountOptions": [*claim.mount_options]} if claim.mount_options else {}),
        "csi": {
            "driver": csi_name,
            "volumeHandle": volume.handle,
            **({"volumeAttributes": volume.attributes} if volume.attributes else {}),
        },
    }


def claim_spec(claim: ClaimSpec) -> Manifest:
    """Return the claim on that volume; no StorageClass, or the default one would make another."""
    return {
        "accessModes": [claim.access_mode],
        "storageClassName": "",
        "volumeName": claim.name,
        "resources": {"requests": {"storage": f"{claim.capacity_gib}Gi"}},
    }
