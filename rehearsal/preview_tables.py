"""What an update would do, as a table for a terminal."""

import json
from typing import Any, Final

from rich.console import RenderableType

from rehearsal.engine import Preview
from review.tables import simple_table

UNCHANGED: Final = "same"


def preview_table(found: Preview) -> RenderableType:
    """Return every step that changes something: what, which type, which name, which fields."""
    steps: list[dict[str, Any]] = json.loads(found.document)["steps"]
    table = simple_table("steps", "what", "type", "name", "because of")
    for step in steps:
        if step["op"] != UNCHANGED:
            _, types, name = step["urn"].rsplit("::", 2)
            reasons = step.get("detailedDiff") or step.get("diffReasons") or ()
            table.add_row(step["op"], types.rpartition("$")[2], name, "\n".join(sorted(reasons)))
    return table
