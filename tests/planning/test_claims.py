"""What a pod claims for what its model asks, exactly."""

from typing import Any

import pytest

from planning.plan import Plan
from planning.specs.devices import ClaimSpec, DeviceRequestSpec
from planning.specs.models import ModelServiceSpec
from tests.planning.claiming import (
    EAST,
    H100,
    SHARE,
    WHOLE,
    Changes,
    claim,
    cut,
    dra,
    hami_claim,
    hami_dra,
    managed,
)
from tests.planning.planned import planned

GPU = "device.attributes['gpu.nvidia.com']"
HAMI = "hami-core-gpu.project-hami.io"
FOUR: Changes = {"pools.l4.instances": ["g6.12xlarge"]}


def tiny(changes: Changes) -> ModelServiceSpec:
    return next(model for model in planned(changes, EAST).models if model.name == "tiny")


def claimed(changes: Changes) -> ClaimSpec:
    found = tiny(changes).grant
    assert found.claim
    assert not found.limits
    return found.claim


def only_request(changes: Changes) -> DeviceRequestSpec:
    (request,) = claimed(changes).requests
    return request


def test_a_number_of_gpus_is_a_claim_of_the_driver_s_class():
    request = only_request(dra() | FOUR | {"models.tiny.gpus": 2})
    assert (request.device_class, request.count) == ("gpu.nvidia.com", 2)
    assert (request.selectors, request.capacity) == ((), {})


@pytest.mark.parametrize(
    ("field", "expression"),
    [
        ({"product": "L4"}, f"{GPU}.productName.lowerAscii().contains('l4')"),
        ({"architecture": "Ada Lovelace"}, f"{GPU}.architecture == 'Ada Lovelace'"),
        (
            {"min_memory_gib": 20},
            "device.capacity['gpu.nvidia.com'].memory.compareTo(quantity('20Gi')) >= 0",
        ),
        (
            {"min_compute_capability": "8.9"},
            f"{GPU}.cudaComputeCapability.compareTo(semver('8.9.0')) >= 0",
        ),
        ({"cel": f"{GPU}.brand == 'Nvidia'"}, f"{GPU}.brand == 'Nvidia'"),
    ],
)
def test_each_field_is_one_expression(field: dict[str, Any], expression: str):
    assert only_request(claim(**field)).selectors == (expression,)


def test_all_that_is_said_must_hold():
    assert len(only_request(claim(product="L4", min_memory_gib=20)).selectors) == 2


def test_all_devices_of_a_node_are_as_many_as_the_engine_uses():
    model = tiny(claim(all=True) | FOUR)
    assert model.grant.claim
    assert model.grant.claim.requests[0].count is None
    assert "--tensor-parallel-size 4" in " ".join(model.args)


def test_alternatives_stand_in_their_order():
    smaller = {"memory_gib": 5, "cores_percent": 20}
    found = claimed(hami_claim(share=SHARE, alternatives=[{"share": smaller}]))
    assert [request.capacity for request in found.requests] == [
        {"memory": "6Gi", "cores": "30"},
        {"memory": "5Gi", "cores": "20"},
    ]


def test_a_share_of_hami_s_driver_is_the_capacity_that_the_claim_consumes():
    request = only_request(hami_dra())
    assert request == DeviceRequestSpec(
        device_class=HAMI, count=1, capacity={"memory": "6Gi", "cores": "30"}
    )


def test_shares_of_one_claim_lie_on_different_gpus():
    two = claimed(hami_claim(share=SHARE, count=2) | FOUR)
    assert two.distinct_attribute == f"{HAMI}/uuid"
    assert claimed(hami_dra()).distinct_attribute is None


@pytest.mark.parametrize(
    ("same", "attribute"),
    [
        ("productName", "gpu.nvidia.com/productName"),
        ("pcieRoot", "resource.kubernetes.io/pcieRoot"),
    ],
)
def test_what_devices_have_in_common_is_named_with_its_domain(same: str, attribute: str):
    eight: Changes = {"pools.l4.instances": ["p4d.24xlarge"]}
    assert claimed(claim(count=2, same=same) | eight).match_attribute == attribute


def test_a_mig_instance_is_claimed_from_its_own_class():
    by_device = only_request(cut(mig="1g.10gb"))
    by_mig = only_request(dra(dynamic_mig=True) | H100 | {"models.tiny.mig": "1g.10gb"})
    assert by_device == by_mig
    assert by_mig.device_class == "mig.nvidia.com"
    assert by_mig.selectors == (f"{GPU}.profile == '1g.10gb'",)


def test_replicas_that_hold_one_claim_divide_its_memory():
    changes = claim(shared=True) | {"models.tiny.replicas": {"min": 2, "max": 3}}
    model = tiny(changes)
    assert model.grant.claim
    assert model.grant.claim.shared
    assert "--gpu-memory-utilization 0.3" in " ".join(model.args)
    assert "--gpu-memory-utilization" not in tiny(claim()).args


def test_another_claim_has_another_name_since_nobody_may_change_one():
    names = {claimed(claim(**device)).name for device in ({}, {"product": "L4"}, {"shared": True})}
    assert len(names) == 3
    assert all(name.startswith("tiny-") for name in names)
    assert claimed(claim()).name == claimed(claim()).name


def test_an_extended_resource_takes_the_claim_s_place_for_plain_gpus_only():
    plain = tiny(dra(extended_resource=True)).grant
    assert (plain.limits, plain.claim) == ({"nvidia.com/gpu": "1"}, None)
    chosen = dra(extended_resource=True) | {"models.tiny.device": {"product": "L4"}}
    assert claimed(chosen).requests[0].selectors


def both_drivers() -> Plan:
    pools = {"pools.parts": managed({"kind": "hami-dra"})}
    return planned(dra() | pools)


def test_each_pool_whose_gpus_are_claimed_has_a_class_of_its_own():
    driver = f"device.driver == '{HAMI}' && device.attributes['{HAMI}'].type == 'hami-gpu'"
    assert {found.name: found.selectors for found in both_drivers().device_classes} == {
        "l4.llm-platform": (
            f"device.driver == 'gpu.nvidia.com' && {GPU}.type == 'gpu'",
            f"{GPU}.productName == 'NVIDIA L4'",
        ),
        "parts.llm-platform": (
            driver,
            f"device.attributes['{HAMI}'].productName == 'NVIDIA L4'",
        ),
    }


def test_a_driver_comes_only_where_a_pool_wants_it():
    none, both = planned(), both_drivers()
    assert (none.nvidia_dra, none.hami_dra, none.device_classes) == (None, None, ())
    assert both.nvidia_dra
    assert both.hami_dra
    assert both.nvidia_dra.namespace.name == "dra-driver-nvidia-gpu"
    assert both.hami_dra.namespace.name == "hami-dra-system"


def test_the_driver_cuts_gpus_where_a_pool_asks_for_it():
    values = [
        spec.release.values.get("featureGates")
        for changes in (dra(), dra(dynamic_mig=True) | H100)
        if (spec := planned(changes, EAST).nvidia_dra)
    ]
    assert values == [None, {"DynamicMIG": True}]


def test_where_the_driver_cuts_gpus_the_mig_manager_stays_away():
    label = "nvidia.com/gpu.deploy.mig-manager"
    labels = [planned(changes, EAST).managed_gpu_nodes[0].labels for changes in (dra(), cut())]
    assert [found.get(label) for found in labels] == [None, "false"]


def test_the_webhook_leaves_every_namespace_of_the_platform_alone():
    spec = planned(hami_dra(conversion_webhook=True)).hami_dra
    assert spec
    scope = spec.release.values["webhook"]["config"]["scope"]
    ours = {"models", "gateway", "gpu-monitoring", "kube-system", "cert-manager", "gpu-operator"}
    assert ours <= {*scope["excludedNamespaces"]}


def test_a_monitor_sees_every_gpu_of_the_nodes_that_ask_for_it():
    plan = planned(dra(monitor=True))
    monitor = plan.device_monitor
    assert monitor
    assert monitor.claim.requests == (
        DeviceRequestSpec(device_class="gpu.nvidia.com", count=None, admin_access=True),
    )
    labels = plan.managed_gpu_nodes[0].labels
    assert monitor.node_selector.items() <= labels.items()
    assert labels["nvidia.com/gpu.deploy.dcgm-exporter"] == "false"


def test_without_a_monitor_the_operator_s_exporter_stays():
    for plan in (planned(dra()), planned(hami_dra()), planned(WHOLE | hami_claim())):
        assert plan.device_monitor is None
        assert "nvidia.com/gpu.deploy.dcgm-exporter" not in plan.managed_gpu_nodes[0].labels
