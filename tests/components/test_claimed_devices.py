"""DeviceClasses of pools, and the exporter that watches claimed GPUs."""

from typing import Any

import pulumi
import pytest

from components.device_classes import DeviceClasses, DeviceClassesArgs
from components.device_monitor import DeviceMonitor, DeviceMonitorArgs
from components.nvidia_dra import NvidiaDra
from components.operator import OperatorArgs
from planning.plan import Plan
from planning.specs.claimed_devices import DeviceClassSpec, DeviceMonitorSpec
from tests.components.workload_specs import OPERATOR
from tests.planning.claiming import dra
from tests.planning.planned import planned
from tests.pod_security import violations
from tests.recording import Recording, record

CLASS = "kubernetes:resource.k8s.io/v1:DeviceClass"
SPEC = DeviceClassSpec(name="l4.llm-platform", pool="l4", selectors=("device.driver == 'x'",))


@pytest.fixture(scope="module")
def plan() -> Plan:
    return planned(dra(monitor=True))


@pytest.fixture(scope="module")
def monitored(plan: Plan) -> Recording:
    spec = plan.device_monitor
    assert spec
    return monitor(spec)


def monitor(spec: DeviceMonitorSpec) -> Recording:
    def program() -> None:
        driver = NvidiaDra("nvidia-dra", OperatorArgs(spec=OPERATOR))
        made = DeviceMonitor("monitor", DeviceMonitorArgs(spec=spec, after=(driver,)))
        pulumi.export("namespace", made.namespace)

    return record(program)


@pytest.mark.parametrize("preview", [False, True])
def test_a_class_is_known_by_its_pool(*, preview: bool):
    def program() -> None:
        pulumi.export("names", DeviceClasses("classes", DeviceClassesArgs(specs=(SPEC,))).names)

    found = record(program, preview=preview)
    (made,) = found.of_type(CLASS)
    assert made.parent == "classes"
    assert made.inputs["metadata"]["name"] == "l4.llm-platform"
    assert made.inputs["metadata"]["labels"]["llm-platform/pool"] == "l4"
    assert made.inputs["spec"] == {"selectors": [{"cel": {"expression": "device.driver == 'x'"}}]}
    assert found["classes"].outputs == {"names": {"l4": "l4.llm-platform"}}


def test_only_a_namespace_that_says_so_may_see_devices_of_others(monitored: Recording):
    labels = monitored["monitor-namespace"].inputs["metadata"]["labels"]
    assert labels["resource.kubernetes.io/admin-access"] == "true"
    assert labels["pod-security.kubernetes.io/enforce"] == "privileged"
    template = monitored["monitor-devices"]
    assert template.type == "kubernetes:resource.k8s.io/v1:ResourceClaimTemplate"
    assert template.inputs["metadata"]["namespace"] == "gpu-monitoring"


def test_the_exporter_waits_for_the_driver_and_for_its_claim(monitored: Recording):
    waits = monitored["monitor-exporter"].after
    assert {"monitor-devices", "monitor-may-read-slices", "nvidia-dra-release"} <= waits
    assert monitored["monitor"].outputs == {"namespace": "gpu-monitoring"}


def test_the_exporter_runs_on_the_watched_nodes_whatever_their_taints(
    monitored: Recording, plan: Plan
):
    pod = exporter(monitored)
    assert pod["nodeSelector"].items() <= plan.managed_gpu_nodes[0].labels.items()
    assert {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"} in pod[
        "tolerations"
    ]


def test_the_exporter_claims_what_it_watches(monitored: Recording):
    pod = exporter(monitored)
    (claim,) = pod["resourceClaims"]
    template = monitored["monitor-devices"].inputs
    assert claim["resourceClaimTemplateName"] == template["metadata"]["name"]
    assert pod["containers"][0]["resources"]["claims"] == [{"name": claim["name"]}]


def test_the_exporter_keeps_no_more_than_it_needs(monitored: Recording):
    assert violations(exporter(monitored)) == [
        "volume pod-resources is of a kind that restricted refuses",
        "the service account's token is mounted",
        "exporter: may run as root",
        "exporter: keeps capabilities",
    ]


def test_its_token_reads_resource_slices_and_nothing_else(monitored: Recording):
    rules = monitored["monitor-reads-slices"].inputs["rules"]
    assert [(rule["resources"], rule["verbs"]) for rule in rules] == [
        (["resourceslices"], ["list", "watch"])
    ]


def test_its_metrics_are_found_at_its_service(monitored: Recording):
    service = monitored["monitor-service"].inputs["spec"]
    pod = exporter(monitored)
    labels = monitored["monitor-exporter"].inputs["spec"]["template"]["metadata"]["labels"]
    assert service["selector"].items() <= labels.items()
    assert service["ports"][0]["port"] == pod["containers"][0]["ports"][0]["containerPort"] == 9400


def exporter(recording: Recording) -> dict[str, Any]:
    return recording["monitor-exporter"].inputs["spec"]["template"]["spec"]
