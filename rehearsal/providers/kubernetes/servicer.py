"""The provider's calls: what the engine sends, handed to objects and releases."""

from typing import Any, NoReturn

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2
from typing_extensions import override

from rehearsal.providers.differences import diff_response, differences
from rehearsal.providers.kubernetes import check, release_inputs
from rehearsal.providers.kubernetes.api import Api, UnreachableError
from rehearsal.providers.kubernetes.charts import version_warning
from rehearsal.providers.kubernetes.cluster import Cluster
from rehearsal.providers.kubernetes.configuration import config_diff, config_failures
from rehearsal.providers.kubernetes.immutable import has_same_name, immutable_fields, touches
from rehearsal.providers.kubernetes.kinds import RELEASE, refuse_unserved
from rehearsal.providers.kubernetes.manifests import Target, plain
from rehearsal.providers.kubernetes.objects import Objects
from rehearsal.providers.kubernetes.progress import EngineLog
from rehearsal.providers.kubernetes.releases import Releases
from rehearsal.providers.kubernetes.secrecy import Redactor
from rehearsal.providers.kubernetes.served import Served
from rehearsal.providers.kubernetes.settings import ProviderSettings
from rehearsal.providers.kubernetes.waiting import Operation
from rehearsal.providers.plugin import Provider, ProviderError
from rehearsal.providers.values import Properties, from_struct, to_struct


def token(urn: str) -> str:
    """Return the resource type in a URN, without its parents' types."""
    return urn.split("::")[2].rpartition("$")[2]


class KubernetesProvider(Provider):
    """The simulated `kubernetes` plugin."""

    def __init__(self) -> None:
        super().__init__("kubernetes", distribution="pulumi_kubernetes")
        self._log = EngineLog()
        self._settings = ProviderSettings(reached=None)
        self._objects: Objects | None = None

    def _served(self, urn: str) -> Served:
        """Return what serves the resource; building it connects to nothing yet."""
        if self._objects is None:
            raise UnreachableError("the cluster is not known yet: its kubeconfig is an output")
        return Releases(self._objects) if token(urn) == RELEASE else self._objects

    @override
    def Handshake(self, request: Any, context: Any) -> provider_pb2.ProviderHandshakeResponse:
        self._log.connect(request.engine_address)
        return super().Handshake(request, context)

    @override
    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: Any
    ) -> provider_pb2.CheckResponse:
        found = config_failures(from_struct(request.news))
        return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(found))

    @override
    def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: Any
    ) -> provider_pb2.DiffResponse:
        return config_diff(from_struct(request.olds), from_struct(request.news))

    @override
    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: Any
    ) -> provider_pb2.ConfigureResponse:
        self._settings = ProviderSettings.of(from_struct(request.args))
        if reached := self._settings.reached:
            self._objects = Objects(Cluster(Api(reached)), self._settings)
        return super().Configure(request, context)

    @override
    def Check(self, request: provider_pb2.CheckRequest, context: Any) -> provider_pb2.CheckResponse:
        kind = token(request.urn)
        refuse_unserved(kind)
        old, new = from_struct(request.olds), from_struct(request.news)
        name = request.urn.rpartition("::")[2]
        namespace = self._settings.namespace
        if kind == RELEASE:
            inputs = release_inputs.checked(old, new, logical_name=name, namespace=namespace)
            found = release_inputs.failures(inputs)
        else:
            seed = request.randomSeed
            inputs = check.checked(old, new, logical_name=name, seed=seed, namespace=namespace)
            found = check.failures(inputs)
        return provider_pb2.CheckResponse(inputs=to_struct(inputs), failures=_failures(found))

    @override
    def Diff(self, request: provider_pb2.DiffRequest, context: Any) -> provider_pb2.DiffResponse:
        old, new = from_struct(request.old_inputs), from_struct(request.news)
        if token(request.urn) == RELEASE:
            fields, same_name = release_inputs.IDENTITY, False
        else:
            fields, same_name = immutable_fields(old, new, self._settings), has_same_name(old, new)
        return diff_response(
            differences(old, new),
            replaces=lambda difference: touches(difference, fields),
            delete_before_replace=same_name,
        )

    @override
    def Create(
        self, request: provider_pb2.CreateRequest, context: Any
    ) -> provider_pb2.CreateResponse:
        inputs = from_struct(request.properties)
        if request.preview and self._objects is None:
            return provider_pb2.CreateResponse(properties=request.properties)
        redactor = Redactor(inputs)
        with redactor.errors():
            operation = self._operation(request, redactor, preview=request.preview)
            self._warn_of_version(request.urn, inputs)
            id_, state = self._served(request.urn).create(inputs, operation)
        return provider_pb2.CreateResponse(id=id_, properties=to_struct(state))

    @override
    def Update(
        self, request: provider_pb2.UpdateRequest, context: Any
    ) -> provider_pb2.UpdateResponse:
        inputs, recorded = from_struct(request.news), from_struct(request.olds)
        if request.preview and self._objects is None:
            return provider_pb2.UpdateResponse(properties=request.news)
        redactor = Redactor(inputs, from_struct(request.old_inputs))
        with redactor.errors():
            operation = self._operation(request, redactor, preview=request.preview)
            self._warn_of_version(request.urn, inputs)
            state = self._served(request.urn).update(inputs, recorded, operation)
        return provider_pb2.UpdateResponse(properties=to_struct(state))

    @override
    def Read(self, request: provider_pb2.ReadRequest, context: Any) -> provider_pb2.ReadResponse:
        inputs, recorded = from_struct(request.inputs), from_struct(request.properties)
        target = Target(token(request.urn), request.id)
        refuse_unserved(target.token)
        try:
            with Redactor(inputs).errors():
                found = self._served(request.urn).read(target, inputs, recorded)
        except UnreachableError:
            if not self._settings.delete_unreachable:
                raise
            found = None
        if found is None:
            return provider_pb2.ReadResponse()
        state, current = to_struct(found.outputs), to_struct(found.inputs)
        return provider_pb2.ReadResponse(id=request.id, properties=state, inputs=current)

    @override
    def Delete(self, request: provider_pb2.DeleteRequest, context: Any) -> Empty:
        recorded = from_struct(request.properties)
        target = Target(token(request.urn), request.id)
        redactor = Redactor(from_struct(request.old_inputs))
        try:
            with redactor.errors():
                operation = self._operation(request, redactor, preview=False)
                self._served(request.urn).delete(target, recorded, operation)
        except UnreachableError as error:
            if not self._settings.delete_unreachable:
                raise
            self._log.warning(request.urn, f"{error}; only its record is deleted")
        return Empty()

    @override
    def Invoke(self, request: provider_pb2.InvokeRequest, context: Any) -> NoReturn:
        raise ProviderError(f"{request.tok}: the rehearsal's provider has no functions")

    @override
    def Construct(self, request: provider_pb2.ConstructRequest, context: Any) -> NoReturn:
        refuse_unserved(request.type)
        raise ProviderError(f"{request.type}: the rehearsal's provider has no components")

    def _operation(self, request: Any, redactor: Redactor, *, preview: bool) -> Operation:
        def progress(text: str) -> None:
            self._log.status(request.urn, redactor.text(text))

        def warn(text: str) -> None:
            self._log.warning_once(request.urn, redactor.text(text))

        return Operation(request.urn, preview, request.timeout, self.cancelled, progress, warn)

    def _warn_of_version(self, urn: str, inputs: Properties) -> None:
        if token(urn) == RELEASE and (warning := version_warning(plain(inputs))):
            self._log.warning(urn, warning)


def _failures(found: list[tuple[str, str]]) -> list[provider_pb2.CheckFailure]:
    return [provider_pb2.CheckFailure(property=name, reason=reason) for name, reason in found]
