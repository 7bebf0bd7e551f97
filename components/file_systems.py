"""The file systems that pods share, each with the ways in that its clients need."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from planning.specs.storage import EfsSpec, LustreSpec

NFS_PORTS = ((2049, 2049),)
"""Source: https://docs.aws.amazon.com/efs/latest/ug/network-access.html"""
LUSTRE_PORTS = ((988, 988), (1018, 1023))
"""Between clients and servers, both ways, and among servers.
Source: https://docs.aws.amazon.com/fsx/latest/LustreGuide/limit-access-security-groups.html"""
BUCKET_EVENTS = ["NEW", "CHANGED", "DELETED"]


@dataclass(frozen=True, kw_only=True)
class FileSystemWires:
    """Where a file system lies and who reaches it."""

    parent: pulumi.Resource
    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Output[list[str]]
    """Private subnets, one per zone."""
    nodes_group_id: pulumi.Input[str]
    """Security group of the nodes."""


@dataclass(frozen=True, kw_only=True)
class Volume:
    """What a PersistentVolume says of a file system, and what must be there before it is used."""

    handle: pulumi.Input[str]
    attributes: dict[str, pulumi.Input[str]]
    ready: tuple[pulumi.Resource, ...]


def efs(name: str, spec: EfsSpec, wires: FileSystemWires) -> Volume:
    """Make an encrypted, elastic file system with a mount target in every zone."""
    child = pulumi.ResourceOptions(parent=wires.parent)
    group = _security_group(name, wires)
    ways = _ways_in(f"{name}-from-nodes", group.id, wires.nodes_group_id, NFS_PORTS, child)
    files = aws.efs.FileSystem(f"{name}-efs", encrypted=True, throughput_mode="elastic", opts=child)
    targets = [
        aws.efs.MountTarget(
            f"{name}-{zone}",
            file_system_id=files.id,
            subnet_id=wires.subnet_ids[index],
            security_groups=[group.id],
            opts=child,
        )
        for index, zone in enumerate(spec.zones)
    ]
    return Volume(handle=files.id, attributes={}, ready=(*targets, *ways))


def lustre(
    name: str, spec: LustreSpec, wires: FileSystemWires, bucket_name: pulumi.Input[str]
) -> Volume:
    """Make FSx for Lustre in the first zone, with the bucket's files at its root.

    Nothing is written back: the bucket stays what it is. A file is fetched when it is first read.
    """
    child = pulumi.ResourceOptions(parent=wires.parent)
    group = _security_group(name, wires)
    ways = _lustre_ways(name, group.id, wires.nodes_group_id, child)
    files = aws.fsx.LustreFileSystem(
        f"{name}-lustre",
        deployment_type="PERSISTENT_2",
        storage_type="SSD",
        storage_capacity=spec.capacity_gib,
        per_unit_storage_throughput=spec.throughput_mbps_per_tib,
        file_system_type_version=spec.lustre_version,
        metadata_configuration=aws.fsx.LustreFileSystemMetadataConfigurationArgs(mode="AUTOMATIC"),
        # What it holds is in the bucket, and FSx backs up no file system that has one.
        automatic_backup_retention_days=0,
        subnet_ids=wires.subnet_ids[0],
        security_group_ids=[group.id],
        # FSx looks at the group's rules before it makes anything.
        opts=pulumi.ResourceOptions(parent=wires.parent, depends_on=ways),
    )
    shown = aws.fsx.DataRepositoryAssociation(
        f"{name}-bucket",
        file_system_id=files.id,
        file_system_path="/",
        data_repository_path=pulumi.Output.format("s3://{0}", bucket_name),
        batch_import_meta_data_on_create=True,
        s3=aws.fsx.DataRepositoryAssociationS3Args(
            auto_import_policy=aws.fsx.DataRepositoryAssociationS3AutoImportPolicyArgs(
                events=BUCKET_EVENTS
            )
        ),
        opts=child,
    )
    return Volume(
        handle=files.id,
        attributes={"dnsname": files.dns_name, "mountname": files.mount_name},
        ready=(shown,),
    )


def _security_group(name: str, wires: FileSystemWires) -> aws.ec2.SecurityGroup:
    return aws.ec2.SecurityGroup(
        f"{name}-group",
        vpc_id=wires.vpc_id,
        description="Shared model files",
        opts=pulumi.ResourceOptions(parent=wires.parent),
    )


def _lustre_ways(
    name: str,
    files: pulumi.Input[str],
    nodes: pulumi.Input[str],
    child: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    return [
        *_ways_in(f"{name}-from-nodes", files, nodes, LUSTRE_PORTS, child),
        *_ways_in(f"{name}-from-itself", files, files, LUSTRE_PORTS, child),
        *_ways_in(f"{name}-at-nodes", nodes, files, LUSTRE_PORTS, child),
        *_ways_out(f"{name}-to-nodes", files, nodes, child),
        *_ways_out(f"{name}-to-itself", files, files, child),
    ]


def _ways_in(
    name: str,
    group: pulumi.Input[str],
    source: pulumi.Input[str],
    ports: tuple[tuple[int, int], ...],
    child: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    return [
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-{first}",
            security_group_id=group,
            referenced_security_group_id=source,
            ip_protocol="tcp",
            from_port=first,
            to_port=last,
            opts=child,
        )
        for first, last in ports
    ]


def _ways_out(
    name: str,
    group: pulumi.Input[str],
    target: pulumi.Input[str],
    child: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    return [
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-{first}",
            security_group_id=group,
            referenced_security_group_id=target,
            ip_protocol="tcp",
            from_port=first,
            to_port=last,
            opts=child,
        )
        for first, last in LUSTRE_PORTS
    ]
