"""The simulated `aws` provider: the calls of the plugin protocol.

Protocol: pulumi proto/pulumi/provider.proto.
"""

from collections.abc import Iterable
from typing import Any

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2
from typing_extensions import override

from rehearsal.providers.aws import configuration, invokes, service_rules, validate
from rehearsal.providers.aws.inventory import Inventory
from rehearsal.providers.aws.naming import with_name
from rehearsal.providers.aws.outputs import Account, Resource, all_tags, planned, updated
from rehearsal.providers.aws.replacement import forces_new, keeps_name
from rehearsal.providers.aws.schema import Schema, Schemas, UnknownTypeError
from rehearsal.providers.aws.stored import from_stored
from rehearsal.providers.aws.validate import Failure
from rehearsal.providers.differences import diff_response, differences
from rehearsal.providers.plugin import Provider, ProviderError
from rehearsal.providers.values import from_struct, to_struct


class AwsProvider(Provider):
    """Checks inputs as the SDK's types do, and keeps resources in this rehearsal's account."""

    def __init__(self, schemas: Schemas | None = None) -> None:
        super().__init__("aws", distribution="pulumi_aws")
        self._schemas = schemas or Schemas()
        self._inventory = Inventory()
        self._configured: Account | None = None

    @override
    def CheckConfig(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        """Refuse a wrong configuration of the provider, every mistake at once."""
        found = configuration.failures(self._schemas, from_struct(request.news))
        return provider_pb2.CheckResponse(inputs=request.news, failures=_refusals(found))

    @override
    def DiffConfig(self, request: Any, context: Any) -> provider_pb2.DiffResponse:
        """Say what changes; nothing made in one region is there in another."""
        found = differences(from_struct(request.old_inputs), from_struct(request.news))
        return diff_response(found, replaces=lambda difference: difference.top == "region")

    @override
    def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:
        """Take the region and the default tags."""
        self._configured = configuration.account(self._schemas, from_struct(request.args))
        return super().Configure(request, context)

    @override
    def Invoke(self, request: Any, context: Any) -> provider_pb2.InvokeResponse:
        """Answer a data source, if it can be answered with no cloud."""
        found = invokes.answer(request.tok, from_struct(request.args), self._account())
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(found))
        return response

    @override
    def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        """Refuse wrong inputs, every mistake at once; give a name where there is none."""
        schema = self._schema(request)
        given, old = from_struct(request.news), from_struct(request.olds)
        inputs = with_name(schema, request.urn, given, old, self._inventory.known)
        found = [
            *validate.failures(schema, inputs),
            *service_rules.failures(schema.token, inputs),
        ]
        return provider_pb2.CheckResponse(inputs=to_struct(inputs), failures=_refusals(found))

    @override
    def Diff(self, request: Any, context: Any) -> provider_pb2.DiffResponse:
        """Say field by field what changes, and what of it needs a new resource."""
        schema, account, urn = self._schema(request), self._account(), request.urn
        old, new = from_struct(request.old_inputs), from_struct(request.news)
        self._inventory.note(schema, request.id, urn, old)
        found = differences(old, new)
        if "tagsAll" in schema.outputs and all(difference.top != "tags" for difference in found):
            # Only the provider's default tags can have changed these.
            old_tags = from_struct(request.olds).get("tagsAll")
            found += differences({"tagsAll": old_tags}, {"tagsAll": all_tags(new, account)})
        return diff_response(
            found,
            replaces=lambda difference: forces_new(schema, difference),
            delete_before_replace=keeps_name(schema, urn, new, old)
            or self._inventory.replacement_id(schema, urn, new, account) == request.id,
        )

    @override
    def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:
        """Make the resource, or say what is known of it beforehand."""
        schema, account = self._schema(request), self._account()
        inputs = from_struct(request.properties)
        if request.preview:
            properties = planned(Resource(schema, request.urn, 0, inputs), account)
            return provider_pb2.CreateResponse(properties=to_struct(properties))
        id_, properties = self._inventory.create(schema, request.urn, inputs, account)
        return provider_pb2.CreateResponse(id=id_, properties=to_struct(properties))

    @override
    def Update(self, request: Any, context: Any) -> provider_pb2.UpdateResponse:
        """Change the resource in place, or say beforehand what that changes."""
        schema, inputs = self._schema(request), from_struct(request.news)
        old, old_inputs = from_struct(request.olds), from_struct(request.old_inputs)
        resource = Resource(schema, request.urn, 0, inputs)
        account = self._account()
        properties = updated(resource, old, old_inputs, account, preview=request.preview)
        if not request.preview:
            self._inventory.update(schema.token, request.id, request.urn, inputs, properties)
        return provider_pb2.UpdateResponse(properties=to_struct(properties))

    @override
    def Read(self, request: Any, context: Any) -> provider_pb2.ReadResponse:
        """Return the resource as it is in the account; an empty answer says that it is gone."""
        schema = self._schema(request)
        inputs, properties = from_struct(request.inputs), from_struct(request.properties)
        found = self._inventory.get(schema.token, request.id)
        if found is None:
            return provider_pb2.ReadResponse()
        self._inventory.note(schema, request.id, request.urn, inputs)
        return provider_pb2.ReadResponse(
            id=request.id,
            inputs=to_struct(from_stored(found.inputs, inputs, found.urn)),
            properties=to_struct(from_stored(found.outputs, properties, found.urn)),
        )

    @override
    def Delete(self, request: Any, context: Any) -> Empty:
        """Remove the resource from the account."""
        old_inputs = from_struct(request.old_inputs)
        self._inventory.delete(self._schema(request), request.id, request.urn, old_inputs)
        return Empty()

    def _schema(self, request: Any) -> Schema:
        try:
            return self._schemas.of(request.type)
        except UnknownTypeError as error:
            raise ProviderError(str(error)) from error

    def _account(self) -> Account:
        if self._configured is None:
            raise ProviderError("the provider is not configured: its region is not known yet")
        return self._configured


def _refusals(found: Iterable[Failure]) -> list[provider_pb2.CheckFailure]:
    # The path stands in the reason: with `property` the engine prints that input's value too.
    return [provider_pb2.CheckFailure(reason=str(failure)) for failure in found]
