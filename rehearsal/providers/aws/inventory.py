"""What exists: the account's folder, and what of it the engine has shown to be in its state."""

import time

from rehearsal.cloud import Cloud, CloudResource
from rehearsal.layout import REHEARSAL_VARIABLE, Layout, this_rehearsal
from rehearsal.providers.aws import order, order_eks, order_network, order_services
from rehearsal.providers.aws import resource_types as aws
from rehearsal.providers.aws.naming import Known, is_made_up, name_input, with_name
from rehearsal.providers.aws.outputs import Account, Resource, identifier, outputs
from rehearsal.providers.aws.schema import Schema
from rehearsal.providers.aws.stored import to_stored
from rehearsal.providers.plugin import ProviderError
from rehearsal.providers.values import Properties, revealed

_TABLES = (order_network, order_eks, order_services)
HELD = [rule for table in _TABLES for rule in table.HELD]
NEEDED = [rule for table in _TABLES for rule in table.NEEDED]
GONE_WITH = [link for table in _TABLES for link in table.GONE_WITH]
PROTECTED = order_eks.PROTECTED | order_services.PROTECTED

SLOW = frozenset(
    {
        aws.CLUSTER,
        aws.NODE_GROUP,
        aws.FARGATE_PROFILE,
        aws.NAT_GATEWAY,
        aws.DATABASE,
        aws.CACHE,
        aws.LUSTRE,
    }
)
"""What AWS makes and deletes in minutes."""
SLOW_SECONDS = 0.2
"""How long that takes here: what does not wait for it meets it half done, as it would in AWS."""


class Inventory:
    """Makes, changes and removes resources of this rehearsal's account."""

    def __init__(self) -> None:
        self.known = Known()

    def create(
        self, schema: Schema, urn: str, inputs: Properties, account: Account
    ) -> tuple[str, Properties]:
        """Make a resource; return its id and outputs.

        A create that is tried again after a crash finds the resource of the first try. Another
        resource with the same id is refused, as the services do.
        """
        resource = self._next(schema, urn, inputs, account)
        id_ = identifier(resource, account)
        found = self.get(schema.token, id_)
        if found and (found.urn != urn or self.known.has(urn, id_)):
            raise ProviderError(f"{schema.token} {id_} exists already; it belongs to {found.urn}")
        properties = outputs(resource, id_, account)
        if found is None:
            facts, cloud = to_stored(inputs, urn), self._cloud()
            order.refuse_create(NEEDED, schema.token, urn, facts, cloud)
            order.refuse_name(order_eks.TAKEN, schema.token, urn, facts, cloud)
            _take_time(schema.token)
        self._put(schema.token, id_, urn, inputs, properties)
        return id_, properties

    def update(self, token: str, id_: str, urn: str, inputs: Properties, new: Properties) -> None:
        """Keep the new inputs and outputs of a resource that exists."""
        if self.get(token, id_) is None:
            raise ProviderError(f"{token} {id_} is gone from the simulated account: refresh first")
        self._put(token, id_, urn, inputs, new)

    def get(self, token: str, id_: str) -> CloudResource | None:
        """Return the resource as it is in the account, or None when it is gone."""
        return self._cloud().get(token, id_)

    def delete(self, schema: Schema, id_: str, urn: str, old_inputs: Properties) -> None:
        """Remove the resource, with what goes with it; one that is gone already is no error.

        Raises:
            ProviderError: it is protected, or something still needs it.
        """
        found = self.get(schema.token, id_)
        if found is not None:
            self._remove(found)
        self.known.remove(urn, id_, _name(schema, old_inputs))

    def _remove(self, found: CloudResource) -> None:
        # Imported here: a plugin that deletes nothing does not pay for it.
        from rehearsal.providers.aws.order_nodes import refuse_while_nodes_live  # noqa: PLC0415

        cloud = self._cloud()
        order.refuse_protected(PROTECTED.get(found.type), found)
        order.refuse_delete(HELD, found, cloud)
        refuse_while_nodes_live(found, cloud, _layout())
        _take_time(found.type)
        for other in order.gone_with(GONE_WITH, found, cloud):
            cloud.delete(other.type, other.id)
        cloud.delete(found.type, found.id)

    def note(self, schema: Schema, id_: str, urn: str, inputs: Properties) -> None:
        """Note that the engine has this resource in its state."""
        self.known.add(urn, id_, _name(schema, inputs))

    def replacement_id(self, schema: Schema, urn: str, inputs: Properties, account: Account) -> str:
        """Return the id of the resource that would replace the one the engine has."""
        name = name_input(schema)
        if name and is_made_up(schema, urn, inputs.get(name)):
            unnamed = {key: item for key, item in inputs.items() if key != name}
            inputs = with_name(schema, urn, unnamed, {}, self.known)
        return identifier(self._next(schema, urn, inputs, account), account)

    def _next(self, schema: Schema, urn: str, inputs: Properties, account: Account) -> Resource:
        """Return the resource in the first generation whose id the engine does not have."""

        def id_of(generation: int) -> str:
            return identifier(Resource(schema, urn, generation, inputs), account)

        natural = id_of(0) == id_of(1)  # an id that is a name has no generations
        generation = 0 if natural else self.known.free_generation(urn, id_of)
        return Resource(schema, urn, generation, inputs)

    def _put(self, token: str, id_: str, urn: str, inputs: Properties, new: Properties) -> None:
        stored_inputs, stored_outputs = to_stored(inputs, urn), to_stored(new, urn)
        self._cloud().put(
            CloudResource(type=token, id=id_, urn=urn, inputs=stored_inputs, outputs=stored_outputs)
        )

    def _cloud(self) -> Cloud:
        return Cloud(_layout().cloud)


def _layout() -> Layout:
    layout = this_rehearsal()
    if layout is None:
        raise ProviderError(
            f"this is the simulated AWS provider, and {REHEARSAL_VARIABLE} names no rehearsal "
            "to keep resources in: only `preview` works so; use `make rehearse`"
        )
    return layout


def _take_time(token: str) -> None:
    if token in SLOW:
        time.sleep(SLOW_SECONDS)


def _name(schema: Schema, inputs: Properties) -> object:
    return revealed(inputs.get(name_input(schema) or ""))
