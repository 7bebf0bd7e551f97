"""Types of chart values: Helm takes any, and a template then takes text for true."""

from typing import Any

import pytest

from catalog.chart_values import wrong_values

WRONG_TYPES: list[tuple[str, dict[str, Any], str]] = [
    (
        "hami",
        {"scheduler": {"patch": {"enabled": "false"}}},
        "scheduler.patch.enabled is 'false', the chart has a bool",
    ),
    (
        "hami",
        {"devicePlugin": {"disablecorelimit": False}},
        "devicePlugin.disablecorelimit is False, the chart has a string",
    ),
    (
        "dra-driver-nvidia-gpu",
        {"logVerbosity": 4},
        "logVerbosity is 4, the chart has a string",
    ),
    (
        "gpu-operator",
        {"migManager": {"env": [{"name": "WITH_REBOOT", "value": True}]}},
        "migManager.env[0].value is True, the chart has a string",
    ),
    (
        "hami",
        {"devicePlugin": {"nvidiaNodeSelector": {"gpu": True}}},
        "devicePlugin.nvidiaNodeSelector.gpu is True, the chart has a string",
    ),
    (
        "hami",
        {"devicePlugin": {"nvidiaNodeSelector": ["gpu"]}},
        "devicePlugin.nvidiaNodeSelector is ['gpu'], the chart has a map of strings",
    ),
    (
        "hami",
        {"devicePlugin": {"deviceSplitCount": True}},
        "devicePlugin.deviceSplitCount is True, the chart has an int",
    ),
    (
        "hami",
        {"devicePlugin": {"deviceSplitCount": "10"}},
        "devicePlugin.deviceSplitCount is '10', the chart has an int",
    ),
    (
        "hami",
        {"devicePlugin": {"tolerations": {"key": "a"}}},
        "devicePlugin.tolerations is {'key': 'a'}, the chart has a list",
    ),
    (
        "external-secrets",
        {"webhook": {"hostUsers": "false"}},
        "webhook.hostUsers is 'false', the chart has a bool",
    ),
    (
        "external-secrets",
        {"podDisruptionBudget": {"minAvailable": True}},
        "podDisruptionBudget.minAvailable is True, the chart has an int or a string",
    ),
    ("hami", {"scheduler": "hami"}, "scheduler is 'hami', the chart has a map"),
    ("hami", {"scheduler": None}, "scheduler is None, the chart has a map"),
    (
        "karpenter",
        {"settings": {"vmMemoryOverheadPercent": "0.075"}},
        "settings.vmMemoryOverheadPercent is '0.075', the chart has a number",
    ),
    (
        "karpenter",
        {"podDisruptionBudget": {"maxUnavailable": 0.1}},
        "podDisruptionBudget.maxUnavailable is 0.1, the chart has an int or a string",
    ),
    (
        "karpenter",
        {"controller": {"env": {"A": "b"}}},
        "controller.env is {'A': 'b'}, the chart has a list of variables",
    ),
    (
        "karpenter",
        {"logLevel": {"level": "info"}},
        "logLevel is {'level': 'info'}, the chart has a string",
    ),
]


@pytest.mark.parametrize(("chart", "values", "sentence"), WRONG_TYPES)
def test_a_value_of_another_type_is_named_with_the_chart_s(
    chart: str, values: dict[str, Any], sentence: str
):
    assert wrong_values(chart, values) == (sentence,)


def test_everything_that_is_wrong_is_named_at_once():
    values = {"driver": {"enable": False}, "toolkit": {"enabled": "no"}}
    assert wrong_values("gpu-operator", values) == (
        "driver.enable (nearest: driver.enabled)",
        "toolkit.enabled is 'no', the chart has a bool",
    )


def test_a_default_of_null_is_open_and_so_is_the_other_form_of_a_number():
    assert wrong_values("hami", {"devicePlugin": {"nvidiaDriverRoot": "/"}}) == ()
    assert wrong_values("hami", {"devicePlugin": {"nvidiaDriverRoot": {"a": 1}}}) == ()
    assert wrong_values("karpenter", {"podDisruptionBudget": {"maxUnavailable": "50%"}}) == ()
    assert wrong_values("karpenter", {"settings": {"vmMemoryOverheadPercent": 0}}) == ()


def test_a_variable_from_a_field_has_no_value_to_judge():
    field = {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}
    assert wrong_values("karpenter", {"controller": {"env": [field]}}) == ()


def test_of_another_chart_s_values_the_described_ones_are_judged():
    nfd: dict[str, Any] = {"worker": {"extra": {"a": 1}, "tolerations": []}, "topologyUpdater": {}}
    assert wrong_values("gpu-operator", {"node-feature-discovery": nfd}) == ()
    nfd["worker"]["tolerations"] = {}
    assert wrong_values("gpu-operator", {"node-feature-discovery": nfd}) == (
        "node-feature-discovery.worker.tolerations is {}, the chart has a list",
    )
