"""Rules of the control plane, of who enters it, and of the system nodes, by message."""

from typing import Any

import pytest

from tests.documents import REMOVED
from tests.planning.planned import planned, refusals

ADMIN = "arn:aws:iam::111122223333:role/platform"
KEY = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NOTHING_SHARED = {"pools.l4": REMOVED, "models.tiny": REMOVED}
ENDPOINT = "[Amazon EKS Best Practices, Cluster Endpoint Access Control]"
ADDRESS_FIX = (
    "use the public address that you come from, `<address>/32`, or its block "
    "[Amazon EKS API Reference, VpcConfigRequest.publicAccessCidrs]"
)


def opened(*cidrs: str, **more: Any) -> dict[str, Any]:
    return {"cluster.public_access": {"cidrs": [*cidrs], **more}}


RULES: list[tuple[dict[str, Any], str]] = [
    (
        opened("8.8.8.0/24", "8.8.8.7/24"),
        f"cluster.public_access.cidrs.1: 8.8.8.7/24 has host bits set; {ADDRESS_FIX}",
    ),
    *(
        (
            opened(block),
            (
                f"cluster.public_access.cidrs.0: {block} is reserved: nobody comes from there "
                f"over the internet; {ADDRESS_FIX}"
            ),
        )
        for block in ("10.1.0.96/27", "203.0.113.0/24", "198.51.100.7/32", "127.0.0.1/32")
    ),
    *(
        (
            opened("8.8.8.8/32", block),
            (
                f"cluster.public_access: {block} lets the whole internet reach the API endpoint; "
                "name the blocks you work from; or, if it must be, say `open_to_the_world: true` "
                f"{ENDPOINT}"
            ),
        )
        for block in ("0.0.0.0/0", "0.0.0.0/1", "8.0.0.0/7")
    ),
    *(
        (
            {"cluster.private_access_cidrs": ["10.0.0.0/16", block]},
            (
                f"cluster.private_access_cidrs.1: {block} {why}; use the block of the VPN or of "
                "the peered network, or `public_access.cidrs` [Amazon EKS User Guide, "
                "cluster-endpoint]"
            ),
        )
        for block, why in (
            ("10.1.0.7/24", "has host bits set"),
            ("8.8.8.0/24", "is not private: from there one reaches the public endpoint alone"),
        )
    ),
    (
        {**opened("8.8.8.8/32"), "network.private": True},
        (
            "cluster.public_access: opens an endpoint to the internet, and `network.private` is "
            f"true; take one of the two out {ENDPOINT}"
        ),
    ),
    (
        {"cluster.viewers": ["arn:aws:iam::111122223333:user/ann", ADMIN]},
        (
            f"cluster.viewers: {ADMIN} is an admin too, and a principal has one access entry; "
            "name it once [Amazon EKS User Guide, access-entries]"
        ),
    ),
    (
        {"cluster.secrets_kms_key_arn": KEY.replace("us-west-2", "eu-west-1")},
        (
            "cluster.secrets_kms_key_arn: is a key of eu-west-1, the cluster is in us-west-2; "
            "use a key of the cluster's region [Amazon EKS User Guide, enable-kms]"
        ),
    ),
    (
        {"cluster.kubernetes": "1.29"},
        (
            "cluster.kubernetes: EKS 1.29 is not in the catalog; use one of 1.36, 1.35, 1.34 "
            "[catalog/eks.py]"
        ),
    ),
    (
        {"cluster.system_nodes.instance": "m7i.xlrge"},
        (
            "cluster.system_nodes.instance: m7i.xlrge is not known; did you mean m7i.xlarge or "
            "m7i.2xlarge or m7i.large? [catalog/instance_type_facts.py]"
        ),
    ),
    (
        {"cluster.system_nodes.instance": "g6.48xlarge"},
        (
            "cluster.system_nodes.instance: g6.48xlarge has 8 GPUs that no controller uses; use"
            " a type without a GPU, m7i.xlarge [catalog/instance_type_facts.py]"
        ),
    ),
    (
        {"cluster.system_nodes.instance": "gr6f.4xlarge"},
        (
            "cluster.system_nodes.instance: gr6f.4xlarge has no on-demand price in us-west-2; "
            "use another type or region; what has no price cannot be planned "
            "[catalog/instance_type_facts.py]"
        ),
    ),
]


@pytest.mark.parametrize(
    ("changes", "expected"), RULES, ids=[row[1].split(";")[0] for row in RULES]
)
def test_a_broken_rule_is_one_finding_with_its_fix_and_its_source(
    changes: dict[str, Any], expected: str
):
    assert refusals(changes) == [expected]


def warned(changes: dict[str, Any]) -> list[str]:
    """Return the warnings about the cluster."""
    found = planned(changes).warnings
    return [str(finding) for finding in found if finding.path.startswith("cluster.")]


WARNINGS: list[tuple[dict[str, Any], str]] = [
    (
        NOTHING_SHARED | {"cluster.kubernetes": "1.33"},
        (
            "cluster.kubernetes: standard support of 1.33 ended on 2026-07-29 (read on "
            "2026-11-21); EKS then upgrades the cluster by itself, whatever is written here; "
            "upgrade minor by minor to one of 1.36, 1.35 [Amazon EKS User Guide, "
            "kubernetes-versions]"
        ),
    ),
    (
        NOTHING_SHARED | {"cluster.kubernetes": "1.34"},
        (
            "cluster.kubernetes: standard support of 1.34 ends on 2026-12-02 (read on 2026-11-21); "
            "EKS then upgrades the cluster by itself, whatever is written here; upgrade minor by "
            "minor to one of 1.36, 1.35 [Amazon EKS User Guide, kubernetes-versions]"
        ),
    ),
    (
        {"cluster.secrets_kms_key_arn": KEY},
        (
            "cluster.secrets_kms_key_arn: cannot be undone: the key can never be taken away, "
            "another one replaces the cluster, and without the key the cluster is lost; AWS "
            "encrypts with a key of its own anyway; leave it out unless a rule of yours asks for "
            "it [Amazon EKS User Guide, enable-kms]"
        ),
    ),
    (
        {"cluster.system_nodes.instance": "m7g.xlarge"},
        (
            "cluster.system_nodes.instance: m7g.xlarge is arm64; whether every image of the "
            "gateway and of HAMi comes for arm64 was not seen; look with `docker manifest "
            "inspect` first, or use m7i.xlarge [catalog/images.py]"
        ),
    ),
    (
        opened("0.0.0.0/0", open_to_the_world=True),
        (
            "cluster.public_access: lets the whole internet reach the API endpoint, as "
            f"`open_to_the_world` says; name the blocks you work from {ENDPOINT}"
        ),
    ),
    (
        opened("8.8.8.8/32", open_to_the_world=True),
        (
            "cluster.public_access: says `open_to_the_world`, and no block of it is; take the "
            f"word out {ENDPOINT}"
        ),
    ),
]


@pytest.mark.parametrize(
    ("changes", "expected"), WARNINGS, ids=[row[1].split(";")[0] for row in WARNINGS]
)
def test_what_works_and_will_surprise_is_said(changes: dict[str, Any], expected: str):
    assert warned(changes) == [expected]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        NOTHING_SHARED | {"cluster.kubernetes": "1.35"},
        opened("8.8.8.8/32"),
        opened("8.0.0.0/8"),
        {"cluster.viewers": ["arn:aws:iam::111122223333:user/ann"]},
    ],
)
def test_what_is_sound_is_not_spoken_of(changes: dict[str, Any]):
    assert warned(changes) == []


def test_what_the_settings_say_reaches_the_cluster():
    viewer = "arn:aws:iam::111122223333:user/ann"
    spec = planned(
        opened("8.8.8.8/32") | {"cluster.viewers": [viewer], "cluster.secrets_kms_key_arn": KEY}
    ).cluster
    assert (spec.public_access_cidrs, spec.viewers) == (("8.8.8.8/32",), (viewer,))
    assert spec.secrets_kms_key_arn == KEY
    assert (planned().cluster.public_access_cidrs, planned().cluster.secrets_kms_key_arn) == (
        (),
        None,
    )


def test_the_private_endpoint_is_reached_from_the_vpc_and_from_the_blocks_that_are_named():
    vpc = planned().network.cidr
    assert planned().cluster.private_access_cidrs == (vpc,)
    named = planned({"cluster.private_access_cidrs": ["10.0.0.0/16", vpc]}).cluster
    assert named.private_access_cidrs == (vpc, "10.0.0.0/16")


def test_add_ons_that_nodes_need_come_first_and_those_that_need_nodes_after():
    spec = planned().cluster
    assert [addon.name for addon in spec.addons_before_nodes] == [
        "vpc-cni",
        "kube-proxy",
        "eks-pod-identity-agent",
    ]
    after = [addon.name for addon in spec.addons_after_nodes]
    assert after[:4] == [
        "coredns",
        "aws-ebs-csi-driver",
        "metrics-server",
        "eks-node-monitoring-agent",
    ]


def test_the_monitoring_agent_reads_gpus_on_tainted_nodes_too():
    (agent,) = (
        addon
        for addon in planned().cluster.addons_after_nodes
        if addon.name == "eks-node-monitoring-agent"
    )
    assert agent.configuration == {"dcgmAgent": {"tolerations": [{"operator": "Exists"}]}}


def test_graviton_nodes_have_the_image_of_their_architecture():
    spec = planned({"cluster.system_nodes.instance": "m7g.xlarge"}).system_nodes
    assert (spec.instance_type, spec.ami_type) == ("m7g.xlarge", "AL2023_ARM_64_STANDARD")
    assert planned().system_nodes.ami_type == "AL2023_x86_64_STANDARD"
