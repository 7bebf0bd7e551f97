"""When LeaderWorkerSet's controller runs, how it is reached, and what is asked of it."""

import base64
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from catalog.charts import LWS
from planning.specs.base import EFA_LABEL, MODEL_LABEL, POOL_LABEL
from rehearsal.api import Api, Manifest
from rehearsal.control_plane import Connection
from rehearsal.control_plane.supervisor import Supervisor
from rehearsal.fleet import FleetError
from rehearsal.fleet.leader_worker_sets import NAME, LeaderWorkerSets
from rehearsal.fleet.lws_webhooks import KINDS
from rehearsal.fleet.nodes import node_manifest
from rehearsal.fleet.observation import observation
from tests.rehearsal.test_fleet_nodes import L40S, group

HOME = f"/api/v1/namespaces/{LWS.namespace}"


class Served(Api):
    """A cluster with the release's namespace, or without, which notes what is registered."""

    def __init__(self, *, served: bool = True) -> None:
        self.home: Manifest | None = {"metadata": {"name": LWS.namespace}}
        self.served = served
        self.registered: dict[str, Manifest] = {}

    def get(self, path: str) -> Manifest | None:
        return self.home if path == HOME else None

    def list(self, path: str, **query: str) -> list[Manifest] | None:
        return [] if self.served else None

    def apply(self, path: str, body: Mapping[str, Any]) -> Manifest:
        self.registered[path] = dict(body)
        return self.registered[path]

    def delete(self, path: str, **options: Any) -> None:
        self.registered.pop(path, None)


def webhooks(cluster: Served) -> list[dict[str, Any]]:
    return [webhook for one in cluster.registered.values() for webhook in one["webhooks"]]


@pytest.fixture
def connection(tmp_path: Path) -> Connection:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text("kind: Config\n")
    nowhere, nothing = "https://127.0.0.1:1", ""
    return Connection(endpoint=nowhere, ca_data=nothing, token=nothing, kubeconfig=kubeconfig)


@pytest.fixture
def groups(tmp_path: Path) -> Iterator[LeaderWorkerSets]:
    """The controller, played by a program that only stays."""
    tool = tmp_path / "tools" / "bin" / NAME
    tool.parent.mkdir(parents=True)
    tool.write_text("#!/bin/sh\nexec tail -f /dev/null\n")
    tool.chmod(0o700)
    found = LeaderWorkerSets(Supervisor(tmp_path / "fleet", tmp_path / "logs"), tmp_path / "tools")
    yield found
    found.stop()


def settings(groups: LeaderWorkerSets) -> dict[str, Any]:
    return yaml.safe_load((groups.supervisor.folder / NAME / "configuration.yaml").read_text())


def test_it_waits_for_its_namespace_and_its_definitions(
    groups: LeaderWorkerSets, connection: Connection
):
    cluster = Served(served=False)
    groups.reconcile(cluster, connection)
    cluster.served, cluster.home = True, None
    groups.reconcile(cluster, connection)
    assert groups.supervisor.running(NAME) is None
    assert cluster.registered == {}


def test_it_is_reached_on_this_machine_only(groups: LeaderWorkerSets, connection: Connection):
    cluster = Served()
    groups.reconcile(cluster, connection)
    assert groups.supervisor.running(NAME) is not None
    told = settings(groups)
    assert told["webhook"]["host"] == "127.0.0.1"
    assert told["health"]["healthProbeBindAddress"].startswith("127.0.0.1:")
    assert told["metrics"] == {"bindAddress": "0"}
    assert told["internalCertManagement"] == {"enable": False}
    for webhook in webhooks(cluster):
        address = urlsplit(str(webhook["clientConfig"]["url"]))
        assert (address.scheme, address.hostname) == ("https", "127.0.0.1")
        assert address.port == told["webhook"]["port"]


def test_its_certificate_is_one_that_the_api_server_takes(
    groups: LeaderWorkerSets, connection: Connection
):
    cluster = Served()
    groups.reconcile(cluster, connection)
    folder = groups.supervisor.folder / NAME
    (authority,) = {webhook["clientConfig"]["caBundle"] for webhook in webhooks(cluster)}
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    client = ssl.create_default_context(cadata=base64.b64decode(authority).decode())
    asking, asked = ssl.MemoryBIO(), ssl.MemoryBIO()
    hand = client.wrap_bio(asking, asked, server_hostname="127.0.0.1")
    other = server.wrap_bio(asked, asking, server_side=True)
    done = [_shake(side) for side in (hand, other, hand, other)]
    assert done[-2:] == [True, True]


def _shake(side: ssl.SSLObject) -> bool:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


def test_pods_are_registered_before_it_starts_and_sets_once_it_listens(
    groups: LeaderWorkerSets, connection: Connection
):
    cluster = Served()
    groups.reconcile(cluster, connection)
    assert {webhook["name"] for webhook in webhooks(cluster)} == {"mpod.kb.io", "vpod.kb.io"}
    assert all(webhook["failurePolicy"] == "Fail" for webhook in webhooks(cluster))
    with closing(socket.create_server(("127.0.0.1", settings(groups)["webhook"]["port"]))):
        groups.reconcile(cluster, connection)
    assert {webhook["name"] for webhook in webhooks(cluster)} == {
        *("mpod.kb.io", "mleaderworkerset.kb.io"),
        *("vpod.kb.io", "vleaderworkerset.kb.io"),
    }


def test_it_goes_with_its_namespace_and_leaves_no_webhook_behind(
    groups: LeaderWorkerSets, connection: Connection
):
    cluster = Served()
    groups.reconcile(cluster, connection)
    assert len(cluster.registered) == len(KINDS)
    cluster.home = {"metadata": {"name": LWS.namespace, "deletionTimestamp": "now"}}
    groups.reconcile(cluster, connection)
    assert groups.supervisor.running(NAME) is None
    assert cluster.registered == {}


def test_without_the_tool_it_says_how_to_build_it(groups: LeaderWorkerSets, connection: Connection):
    groups.tool.unlink()
    with pytest.raises(FleetError, match="lws is missing: build the tools with `python -m"):
        groups.reconcile(Served(), connection)


@pytest.mark.parametrize(("replicas", "expected"), [({}, 2), ({"replicas": 3}, 6)])
def test_a_group_counts_as_its_pods(replicas: dict[str, int], expected: int):
    found = {
        "metadata": {"name": "r1", "namespace": "models", "labels": {MODEL_LABEL: "r1"}},
        "spec": {**replicas, "leaderWorkerTemplate": {"size": 2}},
    }
    (service,) = observation(nodes=[], deployments=[found], pods=[], events=[]).services
    assert service.wanted == expected


def test_a_node_of_a_pool_with_efa_offers_its_interfaces():
    plain = node_manifest(group(), 0)["status"]["allocatable"]
    labels = {POOL_LABEL: "shared", EFA_LABEL: "true"}
    found = node_manifest(group(labels=labels), 0)["status"]
    assert "vpc.amazonaws.com/efa" not in plain
    for part in ("capacity", "allocatable"):
        assert found[part]["vpc.amazonaws.com/efa"] == str(L40S.efa_interfaces)
