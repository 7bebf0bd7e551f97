"""How the kubernetes provider finds its cluster, and what it does without one."""

import subprocess
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from rehearsal.layout import REHEARSAL_VARIABLE, REPOSITORY
from rehearsal.providers.kubernetes.annotations import timeout_seconds
from rehearsal.providers.kubernetes.kubeconfig import Credentials, access, parsed
from rehearsal.providers.kubernetes.servicer import KubernetesProvider
from rehearsal.providers.kubernetes.settings import WAIT_VARIABLE
from rehearsal.providers.plugin import ProviderError
from rehearsal.providers.values import UNKNOWN, to_struct
from tests.rehearsal.kubernetes_hand import Resource, config_map, connected, kubeconfig

PLUGIN = REPOSITORY / "rehearsal/plugins/kubernetes/pulumi-resource-kubernetes"


def check_config(**inputs: Any) -> str:
    request = provider_pb2.CheckRequest(news=to_struct(inputs))
    failures = KubernetesProvider().CheckConfig(request, None).failures
    return "".join(failure.reason for failure in failures)


def test_a_rehearsal_never_reaches_for_a_cluster_that_is_not_its_own(tmp_path: Path):
    assert "never uses the one of your own environment" in check_config()
    assert "https://eks.example is not on this machine" in check_config(
        kubeconfig=kubeconfig("https://eks.example")
    )
    assert "neither a kubeconfig" in check_config(kubeconfig="nonsense")
    assert "contexts has no 'other'; it has: c" in check_config(
        kubeconfig=kubeconfig(), context="other"
    )
    file = tmp_path / "config"
    file.write_text(kubeconfig())
    assert not check_config(kubeconfig=str(file))
    assert not check_config(kubeconfig=UNKNOWN), "a first preview does not know it yet"


def diff_config(old: str, new: Any) -> provider_pb2.DiffResponse:
    request = provider_pb2.DiffRequest(
        olds=to_struct({"kubeconfig": old}), news=to_struct({"kubeconfig": new})
    )
    return KubernetesProvider().DiffConfig(request, None)


def test_another_token_is_the_same_cluster_and_another_endpoint_is_not():
    assert diff_config(kubeconfig(), kubeconfig(token="new")).replaces == []  # noqa: S106 - a test's
    assert diff_config(kubeconfig(), kubeconfig("https://127.0.0.1:2")).replaces == ["kubeconfig"]
    assert diff_config(kubeconfig(), UNKNOWN).replaces == ["kubeconfig"]


def exec_user(script: Path, text: str) -> dict[str, Any]:
    script.write_text(f"#!/bin/sh\necho called >> {script}.calls\n{text}\n")
    script.chmod(0o700)
    plugin = {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": str(script)}
    return {"exec": {**plugin, "args": ["eks", "get-token"], "env": [{"name": "A", "value": "b"}]}}


def test_an_exec_plugins_token_is_used_until_it_ends(tmp_path: Path):
    script = tmp_path / "aws"
    answer = """echo '{"status": {"token": "t1", "expirationTimestamp": "%s"}}'"""
    user = exec_user(script, answer % "2999-01-01T00:00:00Z")
    credentials = Credentials(access(parsed(kubeconfig(**user))).user)
    assert [credentials.token(), credentials.token()] == ["t1", "t1"]
    assert Path(f"{script}.calls").read_text().count("called") == 1
    credentials.forget()
    assert credentials.token() == "t1"
    assert Path(f"{script}.calls").read_text().count("called") == 2
    expired = Credentials(exec_user(script, answer % "2001-01-01T00:00:00Z"))
    assert [expired.token(), expired.token()] == ["t1", "t1"]
    assert Path(f"{script}.calls").read_text().count("called") == 4


def test_a_failing_exec_plugin_says_why(tmp_path: Path):
    credentials = Credentials(exec_user(tmp_path / "aws", "echo no cluster >&2; exit 3"))
    with pytest.raises(ProviderError, match=r"aws eks get-token` failed: no cluster"):
        credentials.token()
    with pytest.raises(ProviderError, match="printed no ExecCredential"):
        Credentials(exec_user(tmp_path / "aws", "echo hello")).token()


def test_a_first_preview_answers_from_the_inputs_and_an_update_says_what_is_missing():
    provider = KubernetesProvider()
    provider.Configure(provider_pb2.ConfigureRequest(args=to_struct({"kubeconfig": UNKNOWN})), None)
    found = Resource(provider, "core/v1:ConfigMap")
    assert found.create(config_map(), preview=True) == found.check(config_map())
    with pytest.raises(ProviderError, match="its kubeconfig is an output"):
        found.create(config_map())


def test_an_unreachable_cluster_is_named_unless_its_objects_may_be_forgotten():
    found = Resource(connected(kubeconfig()), "core/v1:ConfigMap")
    assert found.create(config_map(), preview=True) == found.check(config_map())
    with pytest.raises(ProviderError, match=r"API server at https://127\.0\.0\.1:1 is unreachable"):
        found.create(config_map())
    found.id, found.outputs = "default/web", found.check(config_map())
    with pytest.raises(ProviderError, match="unreachable"):
        found.delete()
    found.provider = connected(kubeconfig(), deleteUnreachable="true")
    found.delete()
    assert not found.refresh()


def test_a_wait_is_ten_minutes_unless_a_rehearsal_or_its_variable_says_less(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.delenv(REHEARSAL_VARIABLE, raising=False)
    monkeypatch.delenv(WAIT_VARIABLE, raising=False)
    assert timeout_seconds({}, 0) == 600
    monkeypatch.setenv(REHEARSAL_VARIABLE, "anything")
    assert timeout_seconds({}, 0) == 180
    monkeypatch.setenv(WAIT_VARIABLE, "7")
    assert timeout_seconds({}, 0) == 7
    stated = {"metadata": {"annotations": {"pulumi.com/timeoutSeconds": "5"}}}
    assert timeout_seconds(stated, 0) == 5
    assert timeout_seconds(stated, 3) == 3, "customTimeouts come first"
    monkeypatch.setenv(WAIT_VARIABLE, "soon")
    with pytest.raises(ProviderError, match="is 'soon'; it must be a number of seconds above 0"):
        timeout_seconds({}, 0)


def test_the_executable_serves_the_version_of_the_sdk():
    process = subprocess.Popen([PLUGIN, "127.0.0.1:1"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub: Any = provider_pb2_grpc.ResourceProviderStub(channel)
            assert stub.GetPluginInfo(Empty()).version.startswith("4.")
            with pytest.raises(grpc.RpcError, match="kubernetes:yaml:decode: the rehearsal"):
                stub.Invoke(provider_pb2.InvokeRequest(tok="kubernetes:yaml:decode"))
    finally:
        process.kill()
        process.communicate()
