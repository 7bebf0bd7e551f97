"""What every simulated provider plugin shares: serving, errors, the rehearsal it belongs to.

How to make a provider::

    class ExampleProvider(Provider):           # rehearsal/providers/example/servicer.py
        @override                              # typing_extensions; ruff wants it for N802, ARG002
        def Create(self, request, context):
            inputs = from_struct(request.properties)     # values.py: UNKNOWN, Secret, int
            if refused:
                raise ProviderError("what is wrong; what would be right")
            if half_done:
                raise InitializationError(id, outputs, inputs, ["why it is not ready"])
            return provider_pb2.CreateResponse(id=..., properties=to_struct(outputs))

    if __name__ == "__main__":                 # rehearsal/providers/example/__main__.py
        serve(lambda: ExampleProvider("example", distribution="pulumi_example"))

and an executable `rehearsal/plugins/example/pulumi-resource-example` that runs it; its folder
comes first in the engine's PATH. `Provider` answers Handshake, Configure, GetPluginInfo,
GetSchema, Attach and Cancel; a long wait polls `self.cancelled`. `this_rehearsal()` of
`rehearsal.layout` is the `Layout` the plugin belongs to. The generic diff is in `differences.py`.
Protocol: pulumi proto/pulumi/provider.proto.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from types import FrameType
from typing import Any, NoReturn

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2
from typing_extensions import override

from rehearsal.providers.values import Properties, to_struct

PARENT_CHECK_SECONDS = 0.5
"""How often a plugin looks whether its engine still lives."""
PARALLEL_CALLS = 64
"""Calls served at once: more than the engine's default parallelism, since a wait holds one."""


class ProviderError(Exception):
    """A refusal for the person to read: nothing was changed, and no traceback is shown."""


class InitializationError(ProviderError):
    """The resource exists but did not become ready: the engine records it and tries again.

    `properties` and `inputs` are its live state; `reasons` are sentences for the person.
    """

    def __init__(
        self, id_: str, properties: Properties, inputs: Properties, reasons: Sequence[str]
    ) -> None:
        super().__init__("; ".join(reasons))
        self.detail = provider_pb2.ErrorResourceInitFailed(
            id=id_, properties=to_struct(properties), inputs=to_struct(inputs), reasons=reasons
        )


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """The calls that every simulated provider answers alike.

    `distribution` is the Python package whose version the plugin reports as its own.
    """

    def __init__(self, package: str, *, distribution: str) -> None:
        self.package = package
        self.distribution = distribution
        self.cancelled = threading.Event()

    @override
    def Handshake(self, request: Any, context: Any) -> provider_pb2.ProviderHandshakeResponse:
        """Say what the provider understands: secrets yes; resources and outputs as plain values."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    @override
    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: Any
    ) -> provider_pb2.ConfigureResponse:
        """Say the same as the handshake, and that `Create` and `Update` may be previewed."""
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @override
    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        """Return the version of the SDK that is simulated."""
        return plugin_pb2.PluginInfo(version=version(self.distribution))

    @override
    def GetSchema(self, request: Any, context: Any) -> provider_pb2.GetSchemaResponse:
        """Return an empty package: programs here bring their generated SDK."""
        return provider_pb2.GetSchemaResponse(schema=f'{{"name": "{self.package}"}}')

    @override
    def Attach(self, request: Any, context: Any) -> Empty:
        """Accept an engine that attaches to a running plugin (PULUMI_DEBUG_PROVIDERS)."""
        return Empty()

    @override
    def Cancel(self, request: Any, context: Any) -> Empty:
        """Ask running waits to end; they poll `cancelled`."""
        self.cancelled.set()
        return Empty()


def serve(make_servicer: Callable[[], provider_pb2_grpc.ResourceProviderServicer]) -> None:
    """Serve until the engine ends, on a free loopback port that is printed for the engine.

    A plugin whose engine was killed ends within `PARENT_CHECK_SECONDS`; if the engine died before
    it read the port, printing fails and ends the plugin too. Never returns normally.
    """
    signal.signal(signal.SIGINT, _end)
    engine = os.getppid()
    server = grpc.server(
        ThreadPoolExecutor(PARALLEL_CALLS),
        interceptors=[_Refusals()],
        options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(make_servicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while server.wait_for_termination(PARENT_CHECK_SECONDS):
        if os.getppid() != engine:
            os._exit(1)  # a running wait must not keep an orphan alive


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End at the engine's word, which comes when every call is answered."""
    os._exit(0)


class _Refusals(grpc.ServerInterceptor):
    """Turns `ProviderError` into a status; any other exception stays the bug that it is."""

    @override
    def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        handler = continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler
        return grpc.unary_unary_rpc_method_handler(
            _refusing(handler.unary_unary),
            handler.request_deserializer,
            handler.response_serializer,
        )


def _refusing(behaviour: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def call(request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return behaviour(request, context)
        except InitializationError as error:
            # UNKNOWN with this detail is what the engine reads as a partial failure.
            status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
            status.details.add().Pack(error.detail)
            details = status.SerializeToString()
            context.set_trailing_metadata((("grpc-status-details-bin", details),))
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
        except ProviderError as error:
            # Not UNKNOWN: the engine would note a pending operation where nothing was done.
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))

    return call
