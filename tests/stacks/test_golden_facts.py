"""The golden files against what AWS and Karpenter document, argument by argument.

A golden file says what the program registers; this says whether that is right, and where it stands.
"""

from typing import Any

import pytest

from rehearsal.providers.aws.schema import Schemas
from rehearsal.providers.aws.validate import failures
from tests.crd import misfits
from tests.golden_files import CLUSTER, QUEUE, Resources, at

EXACTLY: tuple[tuple[str, str, Any, str], ...] = (
    (CLUSTER, "accessConfig.authenticationMode", "API", "EKS: access-entries"),
    (CLUSTER, "accessConfig.bootstrapClusterCreatorAdminPermissions", False, "EKS: access-entries"),
    (CLUSTER, "bootstrapSelfManagedAddons", False, "EKS: eks-add-ons"),
    (CLUSTER, "upgradePolicy.supportType", "STANDARD", "EKS: kubernetes-versions"),
    (CLUSTER, "zonalShiftConfig.enabled", True, "EKS: zone-shift"),
    (CLUSTER, "vpcConfig.endpointPrivateAccess", True, "EKS: cluster-endpoint"),
    (CLUSTER, "vpcConfig.endpointPublicAccess", False, "EKS: cluster-endpoint"),
    (CLUSTER, "encryptionConfig", None, "EKS: envelope-encryption"),
    (
        CLUSTER,
        "kubeSchedulerConfig.nodeResourcesFit.scoringStrategy.type",
        "MostAllocated",
        "EKS: control-plane-configuration",
    ),
    (
        CLUSTER,
        "enabledClusterLogTypes",
        ["api", "audit", "authenticator", "controllerManager", "scheduler"],
        "EKS: control-plane-logs",
    ),
    (
        "cluster-addons-vpc-cni",
        "configurationValues.enableNetworkPolicy",
        "true",
        "EKS: cni-network-policy-configure",
    ),
    (
        "addons-eks-node-monitoring-agent",
        "configurationValues.dcgmAgent.tolerations",
        [{"operator": "Exists"}],
        "aws/eks-node-monitoring-agent: README",
    ),
    ("system-group", "capacityType", "ON_DEMAND", "Karpenter: getting started"),
    ("system-group", "taints", None, "Karpenter: getting started"),
    (QUEUE, "messageRetentionSeconds", 300, "Karpenter: reference/cloudformation"),
    (QUEUE, "sqsManagedSseEnabled", True, "Karpenter: reference/cloudformation"),
    ("karpenter-node-access", "type", "EC2_LINUX", "EKS: access-entries"),
    ("karpenter-controller", "skipCrds", True, "Karpenter: upgrading/upgrade-guide"),
    ("storage-class", "parameters.encrypted", "true", "EBS CSI: docs/parameters.md"),
    ("storage-class", "volumeBindingMode", "WaitForFirstConsumer", "EBS CSI: docs/parameters.md"),
    ("network-vpc", "enableDnsHostnames", True, "EKS: network-reqs"),
    ("network-vpc", "enableDnsSupport", True, "EKS: network-reqs"),
    ("network-closed", "ingress", None, "VPC: default-security-group"),
    ("network-closed", "egress", None, "VPC: default-security-group"),
    ("network-flow-log", "trafficType", "ALL", "VPC: flow-logs"),
    ("model-store-versions", "versioningConfiguration.status", "Enabled", "S3: Versioning"),
    ("model-store-private", "blockPublicAcls", True, "S3: access-control-block-public-access"),
    ("model-store-private", "blockPublicPolicy", True, "S3: access-control-block-public-access"),
    ("model-store-private", "ignorePublicAcls", True, "S3: access-control-block-public-access"),
    (
        "model-store-private",
        "restrictPublicBuckets",
        True,
        "S3: access-control-block-public-access",
    ),
    (
        "model-store-ownership",
        "rule.objectOwnership",
        "BucketOwnerEnforced",
        "S3: about-object-ownership",
    ),
)
"""Resource, argument, its value (None: left out), and the page of the guide that says so."""


@pytest.mark.parametrize(
    ("name", "argument", "value", "source"), EXACTLY, ids=[f"{row[0]} {row[1]}" for row in EXACTLY]
)
def test_a_fact_holds(golden: Resources, name: str, argument: str, value: Any, source: str):
    assert at(golden[name]["inputs"], argument) == value, source


def test_every_argument_of_aws_exists_in_the_sdk_and_has_its_type(golden: Resources):
    schemas = Schemas()
    wrong = {
        name: [str(failure) for failure in found]
        for name, each in golden.items()
        if each["type"].startswith("aws:")
        and (found := failures(schemas.of(each["type"]), each["inputs"]))
    }
    assert wrong == {}


def test_every_object_of_karpenter_fits_its_definition(golden: Resources):
    wrong = {
        name: found
        for name, each in golden.items()
        if each["type"].startswith("kubernetes:karpenter") and (found := misfits(each["inputs"]))
    }
    assert wrong == {}
