"""The nodes of the golden files: how they start, what they carry, and when they go.

Sources: Amazon EKS User Guide, launch-templates and add-on pages; karpenter.sh, concepts.
"""

import json

from tests.golden_files import (
    CLUSTER,
    NODE_CLASS,
    NODE_GROUP,
    NODE_POOL,
    QUEUE,
    TEMPLATE,
    Resources,
    of_type,
)


def test_no_pod_reaches_the_metadata_service_of_its_node(golden: Resources):
    templates = of_type(golden, TEMPLATE).values()
    classes = (each["spec"] for each in of_type(golden, NODE_CLASS).values())
    for launched in (*templates, *classes):
        options = launched["metadataOptions"]
        assert (options["httpTokens"], options["httpPutResponseHopLimit"]) == ("required", 1)


def test_every_root_disk_is_encrypted_gp3_and_goes_with_its_node(golden: Resources):
    templates = of_type(golden, TEMPLATE).values()
    classes = (each["spec"] for each in of_type(golden, NODE_CLASS).values())
    for launched in (*templates, *classes):
        (root,) = launched["blockDeviceMappings"]
        assert root["deviceName"] == "/dev/xvda"
        assert root["ebs"]["volumeType"] == "gp3"
        assert {str(root["ebs"][key]) for key in ("encrypted", "deleteOnTermination")} <= {
            "true",
            "True",
        }


def test_a_bill_can_be_split_by_what_every_instance_and_every_volume_carries(golden: Resources):
    expected = json.loads(golden["aws"]["inputs"]["defaultTags"])["tags"]
    for name, template in of_type(golden, TEMPLATE).items():
        tagged = {each["resourceType"]: each["tags"] for each in template["tagSpecifications"]}
        assert tagged.keys() == {"instance", "volume"}
        assert all(expected.items() <= tags.items() for tags in tagged.values()), name
    for name, each in of_type(golden, NODE_CLASS).items():
        assert expected.items() <= each["spec"]["tags"].items(), name
    parameters = golden["storage-class"]["inputs"]["parameters"]
    volumes = [text for key, text in parameters.items() if key.startswith("tagSpecification_")]
    assert sorted(volumes) == sorted(f"{key}={value}" for key, value in expected.items())


def test_everything_pinned_is_pinned(golden: Resources):
    for name, addon in of_type(golden, "aws:eks/addon:Addon").items():
        assert "-eksbuild." in addon["addonVersion"], name
        assert addon["preserve"] is False, name
        assert addon["resolveConflictsOnCreate"] == "OVERWRITE", name
    minor = golden[CLUSTER]["inputs"]["version"]
    for name, group in of_type(golden, NODE_GROUP).items():
        assert group["releaseVersion"].startswith(f"{minor}."), name
        assert group["amiType"].startswith("AL2023_"), name
    for name, each in of_type(golden, NODE_CLASS).items():
        (term,) = each["spec"]["amiSelectorTerms"]
        assert term["alias"].startswith("al2023@v2"), name


def test_karpenter_finds_its_queue_its_subnets_and_its_security_group(golden: Resources):
    cluster = golden[CLUSTER]["inputs"]["name"]
    settings = golden["karpenter-controller"]["inputs"]["values"]["settings"]
    assert golden[QUEUE]["inputs"]["name"] == settings["interruptionQueue"]
    assert settings["clusterName"] == cluster
    wanted = [{"tags": {"karpenter.sh/discovery": cluster}}]
    for each in of_type(golden, NODE_CLASS).values():
        assert each["spec"]["subnetSelectorTerms"] == wanted
        assert each["spec"]["securityGroupSelectorTerms"] == wanted
    tag = golden["cluster-discovery"]["inputs"]
    assert (tag["key"], tag["value"]) == ("karpenter.sh/discovery", cluster)
    for name, subnet in of_type(golden, "aws:ec2/subnet:Subnet").items():
        private = name.startswith("network-private-")
        assert (subnet["tags"].get("karpenter.sh/discovery") == cluster) is private, name


def test_no_model_is_moved_to_save_money_and_no_drain_outlasts_a_destroy(golden: Resources):
    for name, each in golden.items():
        if each["type"] != NODE_POOL:
            continue
        spec = each["inputs"]["spec"]
        node, disruption = spec["template"]["spec"], spec["disruption"]
        assert (disruption["consolidationPolicy"], node["expireAfter"]) == ("WhenEmpty", "Never")
        assert minutes(disruption["consolidateAfter"]) >= 5, "before a device plugin is up"
        assert minutes(node["terminationGracePeriod"]) < minutes(each["delete_timeout"]), name
        assert all(("schedule" in one) is ("duration" in one) for one in disruption["budgets"])
        assert set(spec["limits"]) == {"nvidia.com/gpu"}, "flat, not under `resources`"
        assert node["nodeClassRef"]["group"] == "karpenter.k8s.aws"


def minutes(duration: str) -> int:
    """Return the minutes of `45m`."""
    assert duration.endswith("m")
    return int(duration.removesuffix("m"))


def test_every_gpu_node_keeps_off_what_needs_no_gpu(golden: Resources):
    taints = [
        group["taints"]
        for group in of_type(golden, NODE_GROUP).values()
        if group["amiType"].endswith("_NVIDIA")
    ]
    assert taints
    for tainted in taints:
        assert {"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"} in tainted
    for name, each in of_type(golden, NODE_POOL).items():
        wanted = {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}
        assert wanted in each["spec"]["template"]["spec"]["taints"], name
