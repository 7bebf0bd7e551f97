import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import psutil
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from rehearsal.layout import REPOSITORY
from rehearsal.providers.values import (
    from_struct,
)
from tests.rehearsal.conftest import eventually

AWS = REPOSITORY / "rehearsal/plugins/aws/pulumi-resource-aws"

REFUSING = """
from rehearsal.providers.plugin import InitializationError, Provider, ProviderError, serve

class Refusing(Provider):
    def Create(self, request, context):
        raise ProviderError("too many GPUs; 8 would be right")
    def Update(self, request, context):
        raise InitializationError("id-1", {"a": 1}, {"b": "c"}, ["no node", "no image"])
    def Delete(self, request, context):
        self.cancelled.wait()
        raise ProviderError("cancelled")

serve(lambda: Refusing("test", distribution="pulumi"))
"""


@contextmanager
def plugin(*command: str) -> Generator[Any]:
    """A plugin that runs, and a client of it (untyped: so are the generated stubs)."""
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout
        with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
            yield provider_pb2_grpc.ResourceProviderStub(channel)
    finally:
        process.kill()
        process.communicate()


def test_a_plugin_says_who_it_is_and_takes_secrets() -> None:
    with plugin(str(AWS)) as provider:
        assert provider.Handshake(provider_pb2.ProviderHandshakeRequest()).accept_secrets
        assert provider.GetPluginInfo(Empty()).version == "7.51.1"
        assert json.loads(provider.GetSchema(provider_pb2.GetSchemaRequest()).schema) == {
            "name": "aws"
        }


def test_a_refusal_reaches_the_engine_as_a_sentence_and_as_nothing_done() -> None:
    with plugin(sys.executable, "-c", REFUSING) as provider:
        with pytest.raises(grpc.RpcError) as refusal:
            provider.Create(provider_pb2.CreateRequest())
        assert refusal.value.code() == grpc.StatusCode.FAILED_PRECONDITION
        assert refusal.value.details() == "too many GPUs; 8 would be right"


def test_what_exists_but_is_not_ready_is_reported_with_its_state() -> None:
    with plugin(sys.executable, "-c", REFUSING) as provider:
        with pytest.raises(grpc.RpcError) as failure:
            provider.Update(provider_pb2.UpdateRequest())
        trailers = {item.key: item.value for item in failure.value.trailing_metadata()}
        status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
        detail = provider_pb2.ErrorResourceInitFailed()
        assert status.details[0].Unpack(detail)
        assert (detail.id, list(detail.reasons)) == ("id-1", ["no node", "no image"])
        assert from_struct(detail.properties) == {"a": 1}
        assert from_struct(detail.inputs) == {"b": "c"}


def test_cancelling_ends_a_wait() -> None:
    with plugin(sys.executable, "-c", REFUSING) as provider:
        waiting = provider.Delete.future(provider_pb2.DeleteRequest())
        provider.Cancel(Empty())
        assert waiting.exception(timeout=60).details() == "cancelled"


@pytest.mark.parametrize("busy", [False, True])
def test_a_plugin_whose_engine_is_killed_ends(tmp_path: Path, *, busy: bool) -> None:
    script = tmp_path / "refusing.py"
    script.write_text(REFUSING)
    command = [sys.executable, str(script)] if busy else [str(AWS)]
    engine = (
        "import subprocess, sys; "
        "plugin = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True); "
        "print(plugin.pid, plugin.stdout.readline().strip(), flush=True); plugin.wait()"
    )
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    parent = subprocess.Popen(
        [sys.executable, "-c", engine, *command], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert parent.stdout
    pid, port = map(int, parent.stdout.readline().split())
    orphan = psutil.Process(pid)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        if busy:
            client: Any = provider_pb2_grpc.ResourceProviderStub(channel)
            client.Delete.future(provider_pb2.DeleteRequest())
        parent.send_signal(signal.SIGKILL)
        parent.communicate()
        eventually(
            "the plugin ends",
            lambda: not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE,
        )
