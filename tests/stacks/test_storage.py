"""What models read, and what watches the bill, in a whole environment."""

from copy import deepcopy
from typing import Any

import pytest

from planning.planner import plan_config
from settings.environment import PLATFORM_KEY
from tests.pod_security import pods
from tests.program import STACKS, config_of, record_environment
from tests.recording import Recording

IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
BUCKET = "aws:s3/bucket:Bucket"
KINDS = ("fsx-lustre", "efs", "mountpoint-s3")


def with_storage(stack: str, **storage: Any) -> Recording:
    return record_environment(stack, changed(stack, "storage", storage))


def changed(stack: str, section: str, value: dict[str, Any]) -> dict[str, Any]:
    config = deepcopy(config_of(stack))
    given = config[PLATFORM_KEY].get(section, {})
    config[PLATFORM_KEY][section] = given | value
    return config


@pytest.fixture(params=STACKS, scope="module")
def recording(request: pytest.FixtureRequest) -> Recording:
    return record_environment(request.param)


def test_a_pod_of_a_model_starts_after_its_own_account_may_read_the_bucket(
    recording: Recording,
) -> None:
    scaled = {found.name for found in recording.of_type("llm-platform:index:ModelService")}
    replicas = [
        (workload.partition("/")[0], pod)
        for workload, pod in pods(recording)
        if recording[workload.partition("/")[0]].parent in scaled
    ]
    assert scaled == {recording[workload].parent for workload, _ in replicas}
    for workload, pod in replicas:
        model = recording[workload].parent
        identity = recording[f"{model}-reader-identity"].inputs
        account = recording[f"{model}-account"].inputs["metadata"]
        assert f"{model}-reader-identity" in recording[workload].after
        assert pod["serviceAccountName"] == account["name"] == identity["serviceAccount"]
        assert account["namespace"] == identity["namespace"]


def test_only_models_read_the_bucket(recording: Recording) -> None:
    role = recording["model-store-reader-role"]
    arn = f"arn:aws:iam:us-west-2:111122223333:role/{role.name}-1a2b3c4"
    readers = {
        found.inputs["serviceAccount"]
        for found in recording.of_type(IDENTITY)
        if found.inputs["roleArn"] == arn
    }
    accounts = recording.of_type("kubernetes:core/v1:ServiceAccount")
    assert readers == {
        found.inputs["metadata"]["name"]
        for found in accounts
        if found.inputs["metadata"]["namespace"] == "models"
        and recording[found.parent or ""].type == "llm-platform:index:ModelService"
    }


def test_prod_keeps_its_bucket_and_dev_empties_it() -> None:
    prod, dev = record_environment("prod"), record_environment("dev")
    (kept,), (emptied,) = prod.of_type(BUCKET), dev.of_type(BUCKET)
    assert (kept.protect, kept.inputs["forceDestroy"]) == (True, False)
    assert (emptied.protect, emptied.inputs["forceDestroy"]) == (False, True)


def test_without_a_bucket_no_account_gets_a_role_for_it() -> None:
    recorded = with_storage("dev", model_bucket=None)
    assert recorded.of_type(BUCKET) == []
    assert not [name for name in recorded if "-reader" in name]
    assert "qwen3-8b-deployment" in recorded


@pytest.mark.parametrize("kind", KINDS)
def test_shared_files_lie_in_the_models_namespace_and_go_before_it(kind: str) -> None:
    recorded = with_storage("dev", shared_files={"kind": kind})
    claim = recorded["model-files-claim"]
    assert claim.inputs["metadata"]["namespace"] == "models"
    assert {"models-deny", "model-files-volume"} <= claim.after
    assert "model-files-driver" in recorded["model-files-volume"].after
    assert "system-group" in recorded["model-files-driver"].after


@pytest.mark.parametrize("kind", KINDS)
def test_prod_protects_shared_files(kind: str) -> None:
    recorded = with_storage("prod", shared_files={"kind": kind})
    assert all(recorded[name].protect for name in recorded.children("model-files"))


def test_efs_takes_every_private_subnet_and_lustre_the_first() -> None:
    efs = with_storage("prod", shared_files={"kind": "efs"})
    targets = [
        efs[f"model-files-{zone}"].inputs["subnetId"]
        for zone in ("us-east-1a", "us-east-1b", "us-east-1c")
    ]
    assert targets == [f"network-private-us-east-1{letter}-id" for letter in "abc"]
    lustre = with_storage("prod", shared_files={"kind": "fsx-lustre"})
    assert lustre["model-files-lustre"].inputs["subnetIds"] == targets[0]


@pytest.mark.parametrize("stack", STACKS)
def test_aws_watches_the_number_that_the_plan_is_held_against(stack: str) -> None:
    recorded = record_environment(stack)
    (budget,) = recorded.of_type("aws:budgets/budget:Budget")
    allowed = config_of(stack)[PLATFORM_KEY]["budget"]["usd_per_month"]
    assert budget.inputs["limitAmount"] == str(allowed)
    tags = recorded["aws"].inputs["defaultTags"]
    assert budget.inputs["costFilters"][0]["values"] == [f"user:stack${stack}"]
    assert f'"stack": "{stack}"' in str(tags).replace("'", '"')


def test_every_instance_and_its_disks_carry_the_tag_that_the_budget_counts(
    recording: Recording,
) -> None:
    stack = recording["network-vpc"].inputs["tags"]["Name"].removeprefix("llm-platform-")
    tags = {"project": "llm-platform", "stack": stack}
    classes = recording.of_type("kubernetes:karpenter.k8s.aws/v1:EC2NodeClass")
    templates = recording.of_type("aws:ec2/launchTemplate:LaunchTemplate")
    assert classes
    assert templates
    told = [found.inputs["spec"]["tags"] for found in classes]
    for found in templates:
        assert [one["resourceType"] for one in found.inputs["tagSpecifications"]] == [
            *("instance", "volume")
        ]
        told += [one["tags"] for one in found.inputs["tagSpecifications"]]
    assert all(tags.items() <= one.items() for one in told)


def test_where_nobody_would_be_told_there_is_no_budget_of_aws() -> None:
    config = changed("dev", "budget", {"alert_emails": []})
    assert plan_config("dev", config).aws_budget is None
    assert record_environment("dev", config).of_type("aws:budgets/budget:Budget") == []
