"""The JSON Schema of an environment file, for editors: generated from the models, committed."""

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import DictSchema, ModelSchema

from settings.docstrings import field_docstrings
from settings.environment import EnvironmentFile

SCHEMA_FILE = Path(__file__).with_name("schema.json")
"""The first line of each environment file names it for editors."""
REFRESH_COMMAND = "python -m settings"


class _ForEditors(GenerateJsonSchema):
    """Closed, and without generated titles: an editor shows the key and its description."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 -- pydantic's own signature
        return False

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        """Describe every key by the docstring below its field."""
        found, model = super().model_schema(schema), schema["cls"]
        keys = {field.alias or name: name for name, field in model.model_fields.items()}
        said = field_docstrings(model)
        for key, each in found.get("properties", {}).items():
            if text := said.get(keys[key]):
                each["description"] = text
        return found

    def dict_schema(self, schema: DictSchema) -> JsonSchemaValue:
        """Close mappings by name too: a key that is no name matches no pattern."""
        found = super().dict_schema(schema)
        return {**found, "additionalProperties": False} if "patternProperties" in found else found


def schema_text() -> str:
    """Return the text that `settings/schema.json` should have."""
    schema: JsonSchemaValue = EnvironmentFile.model_json_schema(schema_generator=_ForEditors)
    return json.dumps({"$schema": _ForEditors.schema_dialect, **schema}, indent=2) + "\n"


def is_current() -> bool:
    """Return whether the committed file is the schema of the models as they are now."""
    return SCHEMA_FILE.is_file() and SCHEMA_FILE.read_text("utf-8") == schema_text()
