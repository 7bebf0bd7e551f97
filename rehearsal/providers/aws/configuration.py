"""The provider's own configuration: where resources are made, and the tags they all get."""

import json
import re

from rehearsal.layout import this_rehearsal
from rehearsal.providers.aws import validate
from rehearsal.providers.aws.outputs import Account
from rehearsal.providers.aws.schema import Field, Schema, Schemas
from rehearsal.providers.aws.validate import Failure
from rehearsal.providers.plugin import ProviderError
from rehearsal.providers.values import Properties, Secret, Value, revealed

PROVIDER_TOKEN = "pulumi:providers:aws"  # noqa: S105 - a type token, no password

_ENGINES_OWN = frozenset({"version", "pluginDownloadURL", "__internal"})
# Partition `aws` only: outputs say so. docs.aws.amazon.com/global-infrastructure/latest/regions
_REGION = re.compile(r"(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-\d")
_REGION_WANTED = "a region such as us-west-2 is wanted: `aws:region` in the stack's file"


def failures(schemas: Schemas, inputs: Properties) -> list[Failure]:
    """Return what is wrong with the provider's configuration; credentials are not asked for."""
    schema = schemas.of(PROVIDER_TOKEN)
    found = validate.failures(schema, _decoded(schema, inputs))
    region = inputs.get("region")
    if region is None or (isinstance(region, str) and not _REGION.fullmatch(region)):
        found.append(Failure("region", f"{_REGION_WANTED}, not {json.dumps(region)}"))
    return found


def account(schemas: Schemas, inputs: Properties) -> Account:
    """Return the account that resources of this provider are made in."""
    config = _decoded(schemas.of(PROVIDER_TOKEN), inputs)
    region = revealed(config.get("region"))
    if not isinstance(region, str):
        raise ProviderError(_REGION_WANTED)
    return Account(region, _default_tags(config.get("defaultTags")), _control_plane)


def _default_tags(value: Value) -> Properties:
    """Return the tags of the block `default_tags`; those of a secret block are secrets."""
    if isinstance(value, Secret):
        return {name: Secret(tag) for name, tag in _default_tags(revealed(value)).items()}
    tags = value.get("tags") if isinstance(value, dict) else None
    return tags if isinstance(tags, dict) else {}


def _control_plane(name: str) -> str:
    """Return `control_plane_endpoint` or `control_plane_ca` of this rehearsal's control plane."""
    # Imported here: only a cluster needs it, and every plugin start would pay for it.
    from rehearsal.control_plane.connection import Connection  # noqa: PLC0415

    layout = this_rehearsal()
    connection = Connection.read(layout.connection) if layout else None
    if connection is None:
        raise ProviderError(
            "an EKS cluster is simulated by a control plane on this machine, and none is running; "
            "start it with `make rehearse`"
        )
    return {
        "control_plane_endpoint": connection.endpoint,
        "control_plane_ca": connection.ca_data,
    }[name]


def _decoded(schema: Schema, inputs: Properties) -> Properties:
    """Return the configuration with its values as they are meant.

    SDKs send what is no string as JSON in a string (pulumi.runtime.to_json).
    """
    return {
        name: _decode(item, schema.inputs.get(name))
        for name, item in inputs.items()
        if name not in _ENGINES_OWN
    }


def _decode(value: Value, field: Field | None) -> Value:
    if isinstance(value, Secret):
        return Secret(_decode(value.value, field))
    if not isinstance(value, str) or field is None or field.shape == "string":
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value  # what is no JSON is refused by its type
