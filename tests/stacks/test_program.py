"""What must hold of every environment, whatever its golden file shows."""

from copy import deepcopy
from typing import Any

import pytest

from settings.environment import PLATFORM_KEY
from tests.program import MASTER_KEY, SALT_KEY, STACKS, config_of, hidden, record_environment
from tests.recording import Recording

COMPONENTS = {
    f"llm-platform:index:{name}"
    for name in (
        *("Network", "EksCluster", "Addons", "Storage", "SystemNodes", "Karpenter", "GpuPool"),
        *("ManagedGpuNodes", "ClusterAutoscaler", "EfaDevicePlugin"),
        *("CertManager", "PrivateAuthority", "DnsIdentity", "AcmeIssuer"),
        *(
            "GpuOperator",
            "NvidiaDra",
            "Hami",
            "HamiDra",
            "DeviceClasses",
            "Keda",
            "ModelNamespace",
            "ModelPriorities",
        ),
        *("ModelBucket", "BucketReader", "SharedFiles", "AwsBudget", "HubToken", "ModelPrefetch"),
        *("SecretIdentity", "ExternalSecrets", "SecretStore", "Lws"),
        *(
            "ModelService",
            "ModelRouter",
            "ModelScaler",
            "BenchJob",
            "DatabaseOperator",
            "Gateway",
            "GatewayDatabase",
        ),
    )
}
"""Type tokens are a promise to every state: a new one is added here, an old one needs an alias."""


@pytest.fixture(params=STACKS, scope="module")
def recording(request: pytest.FixtureRequest) -> Recording:
    return record_environment(request.param)


def changed(stack: str, **values: Any) -> dict[str, Any]:
    """Return the configuration with `models.<name>.<key>` replaced, `__` between the steps."""
    config = deepcopy(config_of(stack))
    for path, value in values.items():
        *steps, last = path.split("__")
        node = config[PLATFORM_KEY]
        for step in steps:
            node = node[step.replace("_", "-")] if step.replace("_", "-") in node else node[step]
        node[last] = value
    return config


def differing(one: Recording, other: Recording) -> set[str]:
    return {
        name
        for name in one.keys() | other.keys()
        if name not in one or name not in other or one[name].inputs != other[name].inputs
    }


def after(recording: Recording, name: str) -> set[str]:
    """Return everything that `name` waits for, through others and through its parents."""
    found: set[str] = set()
    todo = [name]
    while todo:
        step = recording[todo.pop()]
        ahead = set(step.after)
        if step.parent is not None:
            ahead.add(step.parent)
        todo += list((ahead - found) & recording.keys())
        found |= ahead
    return found


def test_every_component_has_a_known_type(recording: Recording) -> None:
    tokens = {found.type for found in recording.values() if found.type.startswith("llm-platform:")}
    assert tokens <= COMPONENTS


def test_every_resource_belongs_to_a_component_and_names_its_provider(recording: Recording) -> None:
    for found in recording.values():
        if found.type.startswith(("llm-platform:", "pulumi:providers:")):
            continue
        assert found.parent is not None, found.name
        assert found.provider is not None, found.name


def test_the_secrets_are_marked_and_stand_nowhere_else(recording: Recording) -> None:
    shown = str([hidden(found.inputs) for found in recording.values()])
    assert MASTER_KEY not in shown
    assert SALT_KEY not in shown


def test_a_pool_goes_while_karpenter_and_the_way_out_still_live(recording: Recording) -> None:
    for pool in recording.of_type("kubernetes:karpenter.sh/v1:NodePool"):
        ahead = after(recording, pool.name)
        types = {recording[name].type for name in ahead & recording.keys()}
        assert "kubernetes:helm.sh/v3:Release" in types
        assert "aws:ec2/natGateway:NatGateway" in types
        assert "aws:ec2/routeTableAssociation:RouteTableAssociation" in types
        assert "aws:eks/accessEntry:AccessEntry" in types
        assert "aws:eks/podIdentityAssociation:PodIdentityAssociation" in types
        assert pool.delete_timeout == "45m"


def test_a_model_waits_for_its_own_pool_only() -> None:
    recording = record_environment("prod")
    ahead = after(recording, "qwen3-32b-deployment")
    assert "l40s-quad-pool" in ahead
    deployments = {found.name for found in recording.of_type("kubernetes:apps/v1:Deployment")}
    assert not ahead & deployments


def test_a_first_preview_registers_the_same_resources(recording: Recording) -> None:
    stack = "prod" if "l40s-quad" in recording else "dev"
    assert record_environment(stack, preview=True).keys() == recording.keys()


def test_prod_protects_what_carries_or_holds_something_and_dev_nothing() -> None:
    prod, dev = record_environment("prod"), record_environment("dev")
    assert prod["cluster"].protect
    assert prod["network"].protect
    assert all(found.protect for found in prod.of_type("kubernetes:postgresql.cnpg.io/v1:Cluster"))
    assert not any(found.protect for found in dev.values())


def test_a_changed_model_touches_its_own_objects_and_the_gateways_configuration() -> None:
    before = record_environment("dev")
    now = record_environment("dev", changed("dev", models__qwen3_8b__context=16384))
    touched = differing(before, now)
    assert touched
    assert all(name.startswith(("qwen3-8b", "gateway")) for name in touched), touched
    assert "gateway-database-cluster" not in touched


def test_a_new_model_adds_its_objects_and_changes_no_other_model() -> None:
    config = deepcopy(config_of("dev"))
    config[PLATFORM_KEY]["models"]["extra"] = {
        "model": "Qwen/Qwen3-8B", "pool": "l40s", "context": 8192,
    }  # fmt: skip
    touched = differing(record_environment("dev"), record_environment("dev", config))
    assert all(name.startswith(("extra", "gateway")) for name in touched), touched


def test_pods_carry_the_label_and_toleration_of_their_pool(recording: Recording) -> None:
    labels = {
        found.inputs["metadata"]["name"]: found.inputs["spec"]["template"]["metadata"]["labels"]
        for found in recording.of_type("kubernetes:karpenter.sh/v1:NodePool")
    }
    for found in recording.of_type("aws:eks/nodeGroup:NodeGroup"):
        labels[found.name] = found.inputs.get("labels", {})
    for deployment in recording.of_type("kubernetes:apps/v1:Deployment"):
        pod = deployment.inputs["spec"]["template"]["spec"]
        if "nodeSelector" not in pod:
            continue
        wanted = pod["nodeSelector"].items()
        assert any(wanted <= offered.items() for offered in labels.values()), deployment.name
        assert {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"} in pod[
            "tolerations"
        ]
