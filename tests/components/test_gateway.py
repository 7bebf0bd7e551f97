"""The gateway: what starts after what, where its secrets are and are not, and its pods."""

from dataclasses import asdict
from typing import Any

import pulumi
import pytest
import yaml

from components.database_operator import DatabaseOperator
from components.gateway import Gateway, GatewayArgs
from components.operator import OperatorArgs
from components.secret_values import GivenValues
from planning.specs.gateway import GatewaySpec
from tests.components.workload_specs import DATABASE_OPERATOR, GATEWAY, GATEWAY_NAMESPACE_SPEC
from tests.pod_security import pods, violations
from tests.recording import Recording, Secret, record

MASTER, SALT = "sk-master-of-all", "salt-of-the-earth"


def recorded(
    spec: GatewaySpec = GATEWAY, *, preview: bool = False, protect: bool = False
) -> Recording:
    def program() -> None:
        args = GatewayArgs(
            spec=spec,
            namespace=GATEWAY_NAMESPACE_SPEC,
            keys=GivenValues(
                values={
                    spec.master_key_variable: pulumi.Output.secret(MASTER),
                    spec.salt_key_variable: SALT,
                }
            ),
            operator=DatabaseOperator("cnpg", OperatorArgs(spec=DATABASE_OPERATOR)),
        )
        Gateway("gateway", args, pulumi.ResourceOptions(protect=protect))

    return record(program, preview=preview)


def changed(**changes: Any) -> GatewaySpec:
    return GATEWAY.model_copy(update=changes)


def container(name: str) -> dict[str, Any]:
    return dict(pods(recorded()))[name]["containers"][0]


def environment(name: str) -> dict[str, Any]:
    return {entry["name"]: entry.get("value") for entry in container(name)["env"]}


def test_every_pod_is_restricted():
    found = dict(pods(recorded()))
    assert set(found) == {"gateway-deployment", "gateway-migration"}
    assert [problem for pod in found.values() for problem in violations(pod)] == []


def test_the_database_comes_before_the_migration_and_that_before_the_pods():
    found = recorded()
    assert "cnpg-release" in found["gateway-database-cluster"].after
    assert "gateway-database-cluster" in found["gateway-migration"].after
    assert {"gateway-migration", "gateway-config"} <= found["gateway-deployment"].after


def test_all_parts_stand_in_the_namespace_it_makes():
    found = recorded()
    assert found["gateway-namespace"].inputs["metadata"]["name"] == "gateway"
    for name in found.children("gateway") - {"gateway-namespace", "gateway-database"}:
        assert found[name].inputs["metadata"]["namespace"] == "gateway"
        assert "gateway-namespace" in found[name].after


@pytest.mark.parametrize("preview", [False, True])
def test_keys_are_secret_whoever_passes_them_and_nowhere_else(*, preview: bool):
    found = recorded(preview=preview)
    keys = found.pop("gateway-keys")
    assert keys.inputs["stringData"] == Secret(
        {"LITELLM_MASTER_KEY": MASTER, "LITELLM_SALT_KEY": SALT}
    )
    everything = repr([asdict(registered) for registered in found.values()])
    assert MASTER not in everything
    assert SALT not in everything


@pytest.mark.parametrize("name", ["gateway-deployment", "gateway-migration"])
def test_secrets_are_read_by_the_kubelet(name: str):
    references = {
        entry["name"]: entry["valueFrom"]["secretKeyRef"]
        for entry in container(name)["env"]
        if "valueFrom" in entry
    }
    assert references == {
        "LITELLM_MASTER_KEY": {"name": "litellm-keys", "key": "LITELLM_MASTER_KEY"},
        "LITELLM_SALT_KEY": {"name": "litellm-keys", "key": "LITELLM_SALT_KEY"},
        "DATABASE_URL": {"name": "litellm-db-app", "key": "uri"},
    }


def test_pods_start_anew_when_the_keys_change():
    assert "gateway-keys" in recorded()["gateway-deployment"].after
    template = recorded()["gateway-deployment"].inputs["spec"]["template"]
    assert set(template["metadata"]["annotations"]) == {"llm-platform/keys-version"}


def test_the_configuration_is_whole_and_never_changes_in_place():
    config = recorded()["gateway-config"].inputs
    assert yaml.safe_load(config["data"]["config.yaml"]) == GATEWAY.config
    assert config["immutable"] is True
    assert config["metadata"]["name"] == "litellm-config-0123456789"


def test_another_configuration_is_another_object_that_the_pods_roll_to():
    found = recorded(changed(config_digest="abc"))
    assert found["gateway-config"].inputs["metadata"]["name"] == "litellm-config-abc"
    volumes = dict(pods(found))["gateway-deployment"]["volumes"]
    assert {"name": "config", "configMap": {"name": "litellm-config-abc"}} in volumes


def migration_name(**changes: Any) -> str:
    return recorded(changed(**changes))["gateway-migration"].inputs["metadata"]["name"]


def test_a_new_image_migrates_and_a_new_configuration_does_not():
    assert migration_name(image="registry.example/litellm:v2") != migration_name()
    assert migration_name(config_digest="abc") == migration_name()


def test_the_migration_changes_the_schema_and_the_pods_never_do():
    assert environment("gateway-migration")["DISABLE_SCHEMA_UPDATE"] == "false"
    assert container("gateway-migration")["args"] == ["--skip_server_startup"]
    assert environment("gateway-deployment")["DISABLE_SCHEMA_UPDATE"] == "true"
    assert container("gateway-migration")["image"] == container("gateway-deployment")["image"]


def test_a_finished_migration_stays_and_a_failed_one_is_run_anew():
    job = recorded()["gateway-migration"].inputs
    assert "ttlSecondsAfterFinished" not in job["spec"]
    assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"
    assert job["metadata"]["annotations"] == {"pulumi.com/replaceUnready": "true"}


def test_the_migrations_pod_gets_no_requests():
    selector = recorded()["gateway-service"].inputs["spec"]["selector"]
    labels = recorded()["gateway-migration"].inputs["spec"]["template"]["metadata"]["labels"]
    assert not selector.items() <= labels.items()


def test_a_pod_serves_with_one_worker_from_its_mounted_configuration():
    server = container("gateway-deployment")
    assert server["command"] == ["litellm"]
    assert server["args"] == [
        *("--config", "/etc/litellm/config.yaml"),
        *("--port", "4000"),
        *("--num_workers", "1"),
    ]
    assert {"name": "config", "mountPath": "/etc/litellm", "readOnly": True} in server[
        "volumeMounts"
    ]
    assert environment("gateway-deployment")["LITELLM_MODE"] == "PRODUCTION"


def test_no_probe_calls_the_models():
    server = container("gateway-deployment")
    paths = {name: server[name]["httpGet"]["path"] for name in server if name.endswith("Probe")}
    assert paths == {
        "startupProbe": "/health/readiness",
        "livenessProbe": "/health/liveliness",
        "readinessProbe": "/health/readiness",
    }


def test_streams_end_before_the_pod_is_killed():
    pod = dict(pods(recorded()))["gateway-deployment"]
    pause = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    drain = int(environment("gateway-deployment")["GRACEFUL_SHUTDOWN_TIMEOUT"])
    assert (pause, drain) == (10, 600)
    assert pause + drain < pod["terminationGracePeriodSeconds"]
    assert recorded()["gateway-deployment"].delete_timeout == "930s"


def test_a_roll_keeps_every_replica():
    spec = recorded(changed(replicas=3))["gateway-deployment"].inputs["spec"]
    assert spec["replicas"] == 3
    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


def test_only_several_replicas_have_a_disruption_budget():
    assert "gateway-budget" not in recorded()
    budget = recorded(changed(replicas=2))["gateway-budget"].inputs["spec"]
    assert budget == {"maxUnavailable": 1, "selector": {"matchLabels": GATEWAY.selector}}


def test_its_port_is_open_to_the_cluster_and_nothing_else_in_its_namespace_is():
    found = recorded()
    assert found["gateway-deny"].inputs["spec"] == {"podSelector": {}, "policyTypes": ["Ingress"]}
    door = found["gateway-ingress"].inputs["spec"]
    assert door["podSelector"] == {"matchLabels": GATEWAY.selector}
    assert door["ingress"] == [
        {"from": [{"namespaceSelector": {}}], "ports": [{"protocol": "TCP", "port": 4000}]}
    ]


def test_the_database_lets_in_the_pods_and_the_migration():
    found = recorded()
    clients = found["gateway-database-ingress"].inputs["spec"]["ingress"][0]["from"]
    allowed = [peer["podSelector"]["matchLabels"] for peer in clients]
    for name in ("gateway-deployment", "gateway-migration"):
        labels = found[name].inputs["spec"]["template"]["metadata"]["labels"]
        assert any(labels.items() >= selector.items() for selector in allowed)


@pytest.mark.parametrize("protected", [True, False])
def test_protection_covers_what_the_data_is_lost_with(*, protected: bool):
    found = recorded(protect=protected)
    components = {"gateway", "gateway-database"}
    kept = {"gateway-namespace", "gateway-keys", "gateway-database-cluster"}
    found_kept = {name for name in found if found[name].protect} - components
    assert found_kept == {name for name in kept if protected}


@pytest.mark.parametrize("preview", [False, True])
def test_its_address_is_known_even_in_a_first_preview(*, preview: bool):
    assert recorded(preview=preview)["gateway"].outputs == {"url": GATEWAY.url}
