"""A hand for the kubernetes provider: one resource, driven with the engine's own calls."""

from dataclasses import dataclass, field
from typing import Any, cast

import yaml
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2

from rehearsal.providers.kubernetes.servicer import KubernetesProvider
from rehearsal.providers.plugin import InitializationError
from rehearsal.providers.values import Properties, from_struct, revealed, to_struct


def kubeconfig(server: str = "https://127.0.0.1:1", **user: Any) -> str:
    """Return a kubeconfig for `server`; `user` says how to log in."""
    config = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        "clusters": [{"name": "k", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": user or {"token": "t"}}],
    }
    return yaml.safe_dump(config)


def config_map(name: str | None = "web", **fields: Any) -> Properties:
    """Return the inputs of a ConfigMap."""
    metadata: Properties = {} if name is None else {"name": name}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, **fields}


def connected(kubeconfig: str, **settings: str) -> KubernetesProvider:
    """Return a provider that is configured for the cluster of `kubeconfig`."""
    provider = KubernetesProvider()
    arguments: Properties = {"kubeconfig": kubeconfig, **settings}
    request = provider_pb2.ConfigureRequest(args=to_struct(arguments))
    response = provider.Configure(request, None)
    assert response.acceptSecrets
    assert response.supportsPreview
    return provider


@dataclass
class Resource:
    """A resource as the engine's state has it: type, logical name, id, inputs and outputs."""

    provider: KubernetesProvider
    type: str
    name: str = "web"
    timeout: float = 120.0
    """Seconds of customTimeouts."""
    id: str = ""
    inputs: Properties = field(default_factory=dict[str, Any])
    outputs: Properties = field(default_factory=dict[str, Any])

    @property
    def urn(self) -> str:
        """Return the resource's URN."""
        return f"urn:pulumi:test::llm-platform::kubernetes:{self.type}::{self.name}"

    def check(self, new: Properties, seed: bytes = b"seed") -> Properties:
        """Return the checked inputs; fail with what is wrong with them."""
        response = self.checking(new, seed)
        assert not response.failures, response.failures
        return from_struct(response.inputs)

    def checking(self, new: Properties, seed: bytes = b"seed") -> provider_pb2.CheckResponse:
        """Return the answer to Check."""
        request = provider_pb2.CheckRequest(
            urn=self.urn, olds=to_struct(self.inputs), news=to_struct(new), randomSeed=seed
        )
        return self.provider.Check(request, None)

    def create(self, new: Properties, *, preview: bool = False) -> Properties:
        """Create with checked inputs and return the outputs; in a preview nothing is kept."""
        inputs = self.check(new)
        request = provider_pb2.CreateRequest(
            urn=self.urn, properties=to_struct(inputs), preview=preview, timeout=self.timeout
        )
        if preview:
            response = self.provider.Create(request, None)
            assert response.id == ""
            return from_struct(response.properties)
        self.inputs = inputs
        try:
            response = self.provider.Create(request, None)
        except InitializationError as error:
            self.id, self.outputs = error.detail.id, from_struct(error.detail.properties)
            raise
        self.id, self.outputs = response.id, from_struct(response.properties)
        return self.outputs

    def diff(self, new: Properties) -> provider_pb2.DiffResponse:
        """Return the answer to Diff for checked inputs."""
        request = provider_pb2.DiffRequest(
            urn=self.urn,
            id=self.id,
            olds=to_struct(self.outputs),
            old_inputs=to_struct(self.inputs),
            news=to_struct(self.check(new)),
        )
        return self.provider.Diff(request, None)

    def update(self, new: Properties, *, preview: bool = False) -> Properties:
        """Update to checked inputs and return the outputs; in a preview nothing is kept."""
        inputs = self.check(new)
        request = provider_pb2.UpdateRequest(
            urn=self.urn,
            id=self.id,
            olds=to_struct(self.outputs),
            old_inputs=to_struct(self.inputs),
            news=to_struct(inputs),
            preview=preview,
            timeout=self.timeout,
        )
        outputs = from_struct(self.provider.Update(request, None).properties)
        if not preview:
            self.inputs, self.outputs = inputs, outputs
        return outputs

    def refresh(self) -> bool:
        """Take over the live state; return whether the resource still exists."""
        request = provider_pb2.ReadRequest(
            urn=self.urn,
            id=self.id,
            properties=to_struct(self.outputs),
            inputs=to_struct(self.inputs),
        )
        response = self.provider.Read(request, None)
        self.id = response.id
        self.inputs, self.outputs = from_struct(response.inputs), from_struct(response.properties)
        return bool(response.id)

    def delete(self) -> None:
        """Delete it and wait until it is gone."""
        request = provider_pb2.DeleteRequest(
            urn=self.urn,
            id=self.id,
            properties=to_struct(self.outputs),
            old_inputs=to_struct(self.inputs),
            timeout=self.timeout,
        )
        self.provider.Delete(request, None)


def changed(response: provider_pb2.DiffResponse) -> dict[str, str]:
    """Return the paths of a diff with their kinds, such as `{"spec.replicas": "UPDATE"}`."""
    kinds = provider_pb2.PropertyDiff.Kind
    return {path: kinds.Name(item.kind) for path, item in response.detailedDiff.items()}


def plain(value: Any) -> Any:
    """Return property values as data, with secrets shown."""
    return cast("Any", revealed(value))


def texts_in_the_open(struct: Struct) -> str:
    """Return a message as the engine receives it, without what is marked secret."""

    def without_secrets(value: Any) -> Any:
        if isinstance(value, dict):
            items = cast("dict[str, Any]", value).items()
            return {key: without_secrets(item) for key, item in items}
        if isinstance(value, list):
            return [without_secrets(item) for item in cast("list[Any]", value)]
        return value if isinstance(value, str | int | float | None) else None

    return repr(without_secrets(from_struct(struct)))
