"""The gateway's Postgres: it fits its definition, and few reach it."""

from typing import Any

import pulumi
import pytest

from components.database import GatewayDatabase, GatewayDatabaseArgs, cluster_spec
from components.database_operator import DatabaseOperator
from components.operator import OperatorArgs
from tests.components.workload_specs import DATABASE, DATABASE_OPERATOR
from tests.crd import misfits
from tests.recording import Recording, record


def recorded(*, preview: bool = False, protect: bool = False) -> Recording:
    def program() -> None:
        args = GatewayDatabaseArgs(
            spec=DATABASE,
            namespace="gateway",
            operator=DatabaseOperator("cnpg", OperatorArgs(spec=DATABASE_OPERATOR)),
            clients=({"app": "gateway"}, {"app": "migration"}),
        )
        GatewayDatabase("database", args, pulumi.ResourceOptions(protect=protect))

    return record(program, preview=preview)


def cluster(**changes: Any) -> dict[str, Any]:
    return cluster_spec(DATABASE.model_copy(update=changes))


def test_it_fits_its_definition():
    assert misfits(recorded()["database-cluster"].inputs) == []


def test_it_waits_for_the_operator_and_until_it_takes_connections():
    found = recorded()["database-cluster"]
    assert "cnpg-release" in found.after
    annotations = found.inputs["metadata"]["annotations"]
    assert annotations == {"pulumi.com/waitFor": "condition=Ready"}


@pytest.mark.parametrize("preview", [False, True])
def test_its_secret_is_named_even_in_a_first_preview(*, preview: bool):
    found = recorded(preview=preview)
    assert found["database"].outputs == {"secret_name": "litellm-db-app"}


def test_database_owner_image_and_volume_are_the_plans():
    spec = cluster()
    assert spec["bootstrap"]["initdb"] == {"database": "litellm", "owner": "litellm"}
    assert spec["imageName"] == DATABASE.image
    assert spec["storage"] == {"size": "20Gi", "storageClass": "gp3"}
    assert spec["resources"] == {
        "requests": {"cpu": "500m", "memory": "1024Mi"},
        "limits": {"memory": "1024Mi"},
    }


@pytest.mark.parametrize(("instances", "budget"), [(1, False), (3, True)])
def test_a_single_instance_holds_up_no_drain(*, instances: int, budget: bool):
    spec = cluster(instances=instances)
    assert (spec["instances"], spec["enablePDB"]) == (instances, budget)


@pytest.mark.parametrize("protected", [True, False])
def test_protection_of_the_component_covers_the_data_alone(*, protected: bool):
    found = recorded(protect=protected)
    assert found["database-cluster"].protect is protected
    assert not found["database-ingress"].protect


def test_clients_and_instances_reach_postgres_and_the_operator_its_status_too():
    policy = recorded()["database-ingress"].inputs["spec"]
    instances = {"cnpg.io/cluster": "litellm-db"}
    assert policy["podSelector"] == {"matchLabels": instances}
    clients, operator = policy["ingress"]
    labels = [peer["podSelector"]["matchLabels"] for peer in clients["from"]]
    assert labels == [{"app": "gateway"}, {"app": "migration"}, instances]
    assert [port["port"] for port in clients["ports"]] == [5432]
    assert operator["from"] == [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "cnpg-system"}}}
    ]
    assert [port["port"] for port in operator["ports"]] == [5432, 8000]
