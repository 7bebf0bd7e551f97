"""Shared files: one file system of each kind, its driver, and the claim on it."""

import json
from typing import Any

import pulumi
import pytest
from pulumi_kubernetes.core.v1 import Namespace

from components.shared_files import SharedFiles, SharedFilesArgs
from planning.specs.storage import (
    ClaimSpec,
    DriverSpec,
    EfsSpec,
    LustreSpec,
    MountpointSpec,
    SharedFilesSpec,
)
from tests.recording import Recording, record

CLAIM = ClaimSpec(
    name="model-files",
    namespace="models",
    labels={"part-of": "platform"},
    capacity_gib=1200,
    access_mode="ReadWriteMany",
)
EFS = EfsSpec(
    driver=DriverSpec(
        addon="aws-efs-csi-driver",
        version="v3.4.1-eksbuild.1",
        csi_name="efs.csi.aws.com",
        controller_account="efs-csi-controller-sa",
    ),
    claim=CLAIM,
    zones=("us-west-2a", "us-west-2b"),
)
LUSTRE = LustreSpec(
    driver=DriverSpec(
        addon="aws-fsx-csi-driver",
        version=None,
        csi_name="fsx.csi.aws.com",
        controller_account="fsx-csi-controller-sa",
    ),
    claim=CLAIM.model_copy(update={"mount_options": ("flock",)}),
    capacity_gib=1200,
    throughput_mbps_per_tib=250,
    lustre_version="2.15",
)
MOUNTPOINT = MountpointSpec(
    driver=DriverSpec(
        addon="aws-mountpoint-s3-csi-driver",
        version="v2.7.0-eksbuild.1",
        csi_name="s3.csi.aws.com",
        controller_account=None,
    ),
    claim=CLAIM.model_copy(update={"access_mode": "ReadOnlyMany", "mount_options": ("read-only",)}),
)
KINDS: list[SharedFilesSpec] = [EFS, LUSTRE, MOUNTPOINT]
FROM_ME, FROM_NODES = "files-group-id", "sg-nodes"


def files(
    spec: SharedFilesSpec,
    bucket: str | None = "weights",
    *,
    preview: bool = False,
    protect: bool = False,
) -> Recording:
    def program() -> None:
        home = Namespace("home", metadata={"name": "models"})
        nodes = pulumi.CustomResource("test:index:Nodes", "nodes", {})
        args = SharedFilesArgs(
            spec=spec,
            namespace=home.urn.apply(lambda _: "models"),
            cluster_name="llm-dev",
            vpc_id="vpc-1",
            subnet_ids=pulumi.Output.from_input(["subnet-a", "subnet-b"]),
            nodes_group_id=FROM_NODES,
            bucket_name=bucket,
            after=(nodes,),
        )
        SharedFiles("files", args, pulumi.ResourceOptions(protect=protect))

    return record(program, preview=preview)


def rules(recorded: Recording, kind: str) -> set[tuple[str, str, int, int]]:
    """Return (group, other group, first port, last port) of every TCP rule."""
    found: set[tuple[str, str, int, int]] = set()
    for rule in recorded.of_type(f"aws:vpc/securityGroup{kind}Rule:SecurityGroup{kind}Rule"):
        given: dict[str, Any] = rule.inputs
        assert given["ipProtocol"] == "tcp"
        groups = (given["securityGroupId"], given["referencedSecurityGroupId"])
        found.add((*groups, given["fromPort"], given["toPort"]))
    return found


def test_efs_is_encrypted_and_has_a_way_in_from_each_zone() -> None:
    recorded = files(EFS)
    assert recorded["files-efs"].inputs == {"encrypted": True, "throughputMode": "elastic"}
    targets = [recorded[f"files-{zone}"].inputs for zone in EFS.zones]
    assert targets == [
        {"fileSystemId": "files-efs-id", "subnetId": subnet, "securityGroups": [FROM_ME]}
        for subnet in ("subnet-a", "subnet-b")
    ]
    assert rules(recorded, "Ingress") == {(FROM_ME, FROM_NODES, 2049, 2049)}
    assert rules(recorded, "Egress") == set()


def test_lustre_lies_in_the_first_zone_and_shows_the_bucket() -> None:
    recorded = files(LUSTRE)
    assert recorded["files-lustre"].inputs == {
        "deploymentType": "PERSISTENT_2",
        "storageType": "SSD",
        "storageCapacity": 1200,
        "perUnitStorageThroughput": 250,
        "fileSystemTypeVersion": "2.15",
        "metadataConfiguration": {"mode": "AUTOMATIC"},
        "automaticBackupRetentionDays": 0,
        "subnetIds": "subnet-a",
        "securityGroupIds": [FROM_ME],
    }
    assert recorded["files-bucket"].inputs == {
        "fileSystemId": "files-lustre-id",
        "fileSystemPath": "/",
        "dataRepositoryPath": "s3://weights",
        "batchImportMetaDataOnCreate": True,
        "s3": {"autoImportPolicy": {"events": ["NEW", "CHANGED", "DELETED"]}},
    }


def test_lustre_talks_both_ways_on_its_ports_and_on_no_other() -> None:
    recorded = files(LUSTRE)
    ports = ((988, 988), (1018, 1023))
    assert rules(recorded, "Ingress") == {
        (group, other, *span)
        for span in ports
        for group, other in ((FROM_ME, FROM_NODES), (FROM_ME, FROM_ME), (FROM_NODES, FROM_ME))
    }
    assert rules(recorded, "Egress") == {
        (FROM_ME, other, *span) for span in ports for other in (FROM_NODES, FROM_ME)
    }
    ways = {name for name in recorded if "Rule" in recorded[name].type}
    assert ways <= recorded["files-lustre"].after


def test_a_mounted_bucket_is_read_with_each_pods_own_role() -> None:
    recorded = files(MOUNTPOINT)
    assert recorded["files-volume"].inputs["spec"]["csi"] == {
        "driver": "s3.csi.aws.com",
        "volumeHandle": "model-files",
        "volumeAttributes": {"bucketName": "weights", "authenticationSource": "pod"},
    }
    assert recorded.children("files") == {"files-driver", "files-volume", "files-claim"}
    assert "podIdentityAssociations" not in recorded["files-driver"].inputs


@pytest.mark.parametrize(
    ("spec", "handle"), [(EFS, "files-efs-id"), (LUSTRE, "files-lustre-id")], ids=["efs", "lustre"]
)
def test_the_volume_is_kept_for_the_one_claim_and_outlives_it(
    spec: SharedFilesSpec, handle: str
) -> None:
    recorded = files(spec)
    volume, claim = recorded["files-volume"].inputs, recorded["files-claim"].inputs
    assert volume["metadata"]["name"] == claim["metadata"]["name"] == "model-files"
    assert claim["metadata"]["namespace"] == "models"
    assert volume["spec"]["claimRef"] == {"namespace": "models", "name": "model-files"}
    assert volume["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    assert volume["spec"]["csi"]["volumeHandle"] == handle
    assert claim["spec"] == {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "",
        "volumeName": "model-files",
        "resources": {"requests": {"storage": "1200Gi"}},
    }
    for part in ("capacity", "accessModes", "storageClassName"):
        assert part in volume["spec"]


def test_mount_options_stand_only_where_there_are_any() -> None:
    assert "mountOptions" not in files(EFS)["files-volume"].inputs["spec"]
    assert files(LUSTRE)["files-volume"].inputs["spec"]["mountOptions"] == ["flock"]


def test_the_driver_is_pinned_where_a_version_is_known() -> None:
    driver = files(EFS)["files-driver"].inputs
    assert (driver["addonName"], driver["addonVersion"]) == (
        "aws-efs-csi-driver",
        "v3.4.1-eksbuild.1",
    )
    assert "addonVersion" not in files(LUSTRE)["files-driver"].inputs


@pytest.mark.parametrize(
    ("spec", "account", "services"),
    [
        (EFS, "efs-csi-controller-sa", {"elasticfilesystem", "ec2"}),
        (LUSTRE, "fsx-csi-controller-sa", {"fsx"}),
    ],
    ids=["efs", "lustre"],
)
def test_a_drivers_controller_may_look_and_change_nothing(
    spec: SharedFilesSpec, account: str, services: set[str]
) -> None:
    recorded = files(spec)
    (association,) = recorded["files-driver"].inputs["podIdentityAssociations"]
    assert association["serviceAccount"] == account
    assert "files-driver-looks" in recorded["files-driver"].after
    (statement,) = json.loads(recorded["files-driver-looks"].inputs["policy"])["Statement"]
    actions = [action.split(":") for action in statement["Action"]]
    assert {service for service, _ in actions} == services
    assert all(action.startswith("Describe") for _, action in actions)


@pytest.mark.parametrize("spec", KINDS, ids=lambda spec: spec.kind)
def test_the_claim_goes_before_the_volume_and_the_volume_before_what_mounts_it(
    spec: SharedFilesSpec,
) -> None:
    recorded = files(spec)
    assert "nodes" in recorded["files-driver"].after
    assert "files-driver" in recorded["files-volume"].after
    assert {"files-volume", "home"} <= recorded["files-claim"].after


def test_nothing_is_mounted_before_every_way_in_is_there() -> None:
    assert {"files-us-west-2a", "files-us-west-2b", "files-from-nodes-2049"} <= files(EFS)[
        "files-volume"
    ].after
    assert "files-bucket" in files(LUSTRE)["files-volume"].after


@pytest.mark.parametrize("spec", [LUSTRE, MOUNTPOINT], ids=lambda spec: spec.kind)
def test_files_of_a_bucket_that_is_not_there_are_refused(spec: SharedFilesSpec) -> None:
    with pytest.raises(ValueError, match=f"{spec.kind} show the model bucket.*pass `bucket_name`"):
        files(spec, None)


@pytest.mark.parametrize("spec", KINDS, ids=lambda spec: spec.kind)
def test_protection_reaches_every_part_also_in_a_first_preview(spec: SharedFilesSpec) -> None:
    recorded = files(spec, protect=True)
    made = set(recorded) - {"home", "nodes"}
    assert recorded.children("files") | {"files"} == made
    assert all(recorded[name].protect for name in made)
    assert set(files(spec, preview=True)) == set(recorded)
