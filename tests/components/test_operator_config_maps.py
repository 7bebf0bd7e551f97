"""The ConfigMaps that an operator's values name: made before its release, and never changed."""

from components.gpu_operator import GpuOperator
from components.operator import OperatorArgs
from planning.specs.pools import ConfigMapSpec, OperatorSpec
from tests.components.workload_specs import OPERATOR
from tests.recording import Recording, record

CONFIGS = ConfigMapSpec(
    prefix="device-plugin-configs",
    labels={"llm-platform/config": "device-plugin"},
    data={"whole": "version: v1\n"},
)


def with_data(**data: str) -> ConfigMapSpec:
    return CONFIGS.model_copy(update={"data": data})


def recorded(*config_maps: ConfigMapSpec) -> Recording:
    spec = OperatorSpec.model_validate(OPERATOR.model_dump() | {"config_maps": config_maps})
    return record(lambda: GpuOperator("gpu-operator", OperatorArgs(spec=spec)))


def test_the_release_finds_the_config_map_that_its_values_name():
    found = recorded(CONFIGS)
    made = found["gpu-operator-device-plugin-configs"]
    assert made.parent == "gpu-operator"
    assert "gpu-operator-namespace" in made.after
    assert "gpu-operator-device-plugin-configs" in found["gpu-operator-release"].after
    assert made.inputs["metadata"] == {
        "name": CONFIGS.name,
        "namespace": "keda",
        "labels": {
            "app.kubernetes.io/part-of": "llm-platform",
            "llm-platform/config": "device-plugin",
        },
    }
    assert made.inputs["data"] == {"whole": "version: v1\n"}
    assert made.inputs["immutable"] is True


def test_other_data_is_another_config_map_under_the_same_logical_name():
    before, after = CONFIGS, with_data(whole="version: v2\n")
    assert before.name != after.name
    assert {before.name[:-9], after.name[:-9]} == {"device-plugin-configs"}
    assert "gpu-operator-device-plugin-configs" in recorded(after)


def test_the_order_of_keys_makes_no_other_config_map():
    assert with_data(a="1", b="2").name == with_data(b="2", a="1").name


def test_an_operator_without_configuration_has_no_config_map():
    assert recorded().children("gpu-operator") == {"gpu-operator-namespace", "gpu-operator-release"}
