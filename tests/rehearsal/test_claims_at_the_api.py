"""Claims, classes, the exporter and every pod of a model as a real API server takes them."""

import json
from typing import Any

from components.device_claims import claim_spec
from components.device_classes import DeviceClasses, DeviceClassesArgs
from components.device_monitor import DeviceMonitor, DeviceMonitorArgs
from planning.specs.base import MODELS_NAMESPACE
from planning.specs.devices import ClaimSpec
from tests.planning.claiming import EAST, SHARE, Changes, claim, cut, dra, hami_claim
from tests.planning.planned import planned
from tests.recording import Recording, record
from tests.rehearsal.conftest import Kubectl
from tests.rehearsal.pods_at_the_api import NAMESPACE, model_pods, priority_classes

GPU = "device.attributes['gpu.nvidia.com']"
CEL = (
    f"cel.bind(gpu, {GPU}, gpu.brand == 'Nvidia') && "
    f"['NVIDIA L4', 'NVIDIA L40S'].exists(one, {GPU}.productName == one) && "
    f"{GPU}.driverVersion.isGreaterThan(semver('570.0.0')) && "
    "device.attributes['resource.kubernetes.io'].pcieRoot != ''"
)
EIGHT: Changes = {"pools.l4.instances": ["p4d.24xlarge"]}
CLAIMS: list[Changes] = [
    dra(),
    claim(all=True),
    claim(
        product="L4",
        architecture="Ada Lovelace",
        min_memory_gib=20,
        min_compute_capability="8.9",
        cel=CEL,
        alternatives=[{"product": "L4"}, {}],
    ),
    claim(count=2, same="pcieRoot") | EIGHT,
    claim(shared=True, same="productName"),
    cut(mig="1g.10gb", alternatives=[{"mig": "2g.20gb"}, {}]),
    hami_claim(share=SHARE, count=2) | {"pools.l4.instances": ["g6.12xlarge"]},
]


def claimed(changes: Changes) -> ClaimSpec:
    model = next(model for model in planned(changes, EAST).models if model.name == "tiny")
    assert model.grant.claim
    return model.grant.claim


def manifest(spec: ClaimSpec) -> dict[str, Any]:
    kind = "ResourceClaim" if spec.shared else "ResourceClaimTemplate"
    return {
        "apiVersion": "resource.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": spec.name, "namespace": "default"},
        "spec": claim_spec(spec) if spec.shared else {"spec": claim_spec(spec)},
    }


def layer() -> Recording:
    """Record the classes and the exporter of a pool."""
    plan = planned(dra(monitor=True))

    def program() -> None:
        DeviceClasses("classes", DeviceClassesArgs(specs=plan.device_classes))
        assert plan.device_monitor
        DeviceMonitor("monitor", DeviceMonitorArgs(spec=plan.device_monitor))

    return record(program)


def test_every_claim_class_and_exporter_is_taken(kubectl: Kubectl):
    specs = [claimed(changes) for changes in CLAIMS]
    kubectl.apply(*map(manifest, specs))
    assert len({spec.name for spec in specs}) == len(CLAIMS)
    made = [found.inputs for found in layer().values() if found.type.startswith("kubernetes:")]
    kubectl.apply(*(found for found in made if found["kind"] == "Namespace"))
    kubectl.apply(*made)
    (template,) = kubectl.get("resourceclaimtemplate", "-n", "gpu-monitoring")
    assert template["spec"]["spec"]["devices"]["requests"][0]["exactly"]["adminAccess"] is True
    assert kubectl.get("deviceclass", "l4.llm-platform")["spec"]["selectors"]


def test_admin_access_is_refused_where_the_namespace_does_not_allow_it(kubectl: Kubectl):
    monitor = planned(dra(monitor=True)).device_monitor
    assert monitor
    assert "admin access" in refused(kubectl, manifest(monitor.claim))


def test_what_planning_cannot_know_the_api_server_says(kubectl: Kubectl):
    wrong_type = manifest(claimed(claim(cel="device.driver > 5")))
    assert "overload for" in refused(kubectl, wrong_type)


def refused(kubectl: Kubectl, wrong: dict[str, Any]) -> str:
    try:
        kubectl.apply(wrong)
    except AssertionError as error:
        return str(error)
    raise AssertionError("the API server took it")


def test_a_pod_of_every_shape_is_taken_where_restricted_is_enforced(kubectl: Kubectl):
    account = {"apiVersion": "v1", "kind": "ServiceAccount"}
    account |= {"metadata": {"name": "default", "namespace": MODELS_NAMESPACE}}
    kubectl.apply(NAMESPACE, *priority_classes().values())
    kubectl.apply(account)
    asked = [*model_pods()]
    text = "\n---\n".join(map(json.dumps, asked))
    said = kubectl.run("create", "--dry-run=server", "-f", "-", text=text)
    assert said.count("created (server dry run)") == len(asked)
    kinds = ("deployment", "set", "leadertemplate", "workertemplate", "router", "job")
    names = [pod["metadata"]["name"] for pod in asked]
    assert [kind for kind in kinds if not any(kind in name for name in names)] == []


def test_a_pod_that_is_not_restricted_is_refused_there(kubectl: Kubectl):
    kubectl.apply(NAMESPACE)
    pod = next(model_pods())
    container = pod["spec"]["containers"][0] | {"securityContext": {"privileged": True}}
    wrong = pod | {"spec": pod["spec"] | {"containers": [container]}}
    assert "violates PodSecurity" in refused(kubectl, wrong)
