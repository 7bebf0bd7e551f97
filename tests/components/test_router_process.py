"""The real router, with the very arguments of the plan, does what the plan takes it to do."""

import json
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from importlib.metadata import version
from subprocess import Popen

import pytest

from catalog.router import RELEASE
from tests.components.router_process import (
    CACHE,
    PATIENCE_SECONDS,
    Replica,
    free_ports,
    replica,
    running,
    status,
    until,
)
from tests.planning.planned import planned

QUESTION = {
    "model": "chat",
    "messages": [{"role": "user", "content": "How are you?"}],
    "max_tokens": 77,
    "temperature": 0.5,
}


@dataclass(frozen=True, kw_only=True)
class Served:
    """A router at work, and what is behind it."""

    port: int
    metrics_port: int
    process: Popen[bytes]
    prefill: Replica
    decode: Replica

    @contextmanager
    def ask(self, **changes: object) -> Generator[HTTPResponse]:
        """Ask a question, and leave when its answer has been read."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            body = json.dumps(QUESTION | changes)
            kind = {"content-type": "application/json"}
            connection.request("POST", "/v1/chat/completions", body, kind)
            yield connection.getresponse()
        finally:
            connection.close()


@pytest.fixture
def served() -> Iterator[Served]:
    image = "registry.example/vllm-router:0.1.17"
    (router,) = planned({"models.chat.prefill": {"router_image": image}}).routers
    port, metrics_port = free_ports(2)
    with replica("prefill") as prefill, replica("decode") as decode:
        here = {
            "http://chat-prefill.models.svc.cluster.local:8000": prefill.url,
            "http://chat-decode.models.svc.cluster.local:8000": decode.url,
            "0.0.0.0": "127.0.0.1",  # noqa: S104 - what is replaced
            str(router.port): str(port),
            str(router.metrics_port): str(metrics_port),
        }
        assert here.keys() <= {*router.args}
        args = [here.get(arg, arg) for arg in router.args]
        with running(args, port) as process:
            yield Served(
                port=port,
                metrics_port=metrics_port,
                process=process,
                prefill=prefill,
                decode=decode,
            )


def test_it_is_the_release_whose_flags_are_known():
    assert version("vllm-router") == RELEASE


def test_a_prompt_is_read_by_one_replica_and_answered_by_another(served: Served):
    with served.ask() as answer:
        assert answer.status == 200
        assert json.load(answer)["answered_by"] == "decode"
    ((path, read),) = served.prefill.asked
    assert path == "/v1/chat/completions"
    assert (read["max_tokens"], read["stream"]) == (1, False)
    assert read["kv_transfer_params"]["do_remote_decode"] is True
    ((path, answered),) = served.decode.asked
    assert path == "/v1/chat/completions"
    # Where the cache lies is in the answer itself: no Service has to lead to that very replica.
    assert answered["kv_transfer_params"] == CACHE
    assert answered["max_tokens"] == 77
    for body in (read, answered):
        assert (body["model"], body["messages"]) == (QUESTION["model"], QUESTION["messages"])
        assert body["temperature"] == 0.5


def test_a_stream_reaches_the_client_part_by_part(served: Served):
    with served.ask(stream=True) as answer:
        assert answer.readline() == b"data: first\n"
        served.decode.go_on.set()
        assert b"[DONE]" in answer.read()
    ((_, read),) = served.prefill.asked
    assert read["stream"] is False


def test_a_replica_that_refuses_is_not_asked_again_and_the_gateway_sees_why(served: Served):
    served.decode.status = 503
    for _ in range(12):
        with served.ask() as answer:
            assert answer.status == 503
    assert len(served.decode.asked) == 12
    served.decode.status = 200
    # One worker stands for a whole Service: no breaker shuts it.
    with served.ask() as answer:
        assert answer.status == 200


def test_told_to_end_it_takes_no_more_and_ends_with_its_last_stream(served: Served):
    with served.ask(stream=True) as answer:
        assert answer.readline() == b"data: first\n"
        served.process.send_signal(signal.SIGTERM)
        until(lambda: status(served.port, "/liveness") is None)
        assert served.process.poll() is None
        served.decode.go_on.set()
        assert b"[DONE]" in answer.read()
    assert served.process.wait(PATIENCE_SECONDS) == 0


def test_it_tells_its_metrics_where_the_plan_says(served: Served):
    assert status(served.metrics_port, "/metrics") == 200
    assert status(served.port, "/liveness") == 200
