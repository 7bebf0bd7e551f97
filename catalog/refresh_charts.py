"""Write `chart_values.json` anew: which values each chart of `charts.py` has, and of which type.

Run `python -m catalog.refresh_charts FOLDER`, where FOLDER holds `<chart>-<version>.values.yaml` of
every chart, beside it `.Chart.yaml`, and `.values.schema.json` where the chart ships one; then read
the diff. Only the names of keys and the types of their defaults are taken over.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any, Final, cast

import yaml

from catalog.chart_values import ANY, ENV, OPEN, STRINGS
from catalog.charts import CHARTS, Chart

HANDED_ON: Final = frozenset(
    {
        *("affinity", "annotations", "data", "dnsConfig", "env", "labels", "matchLabels"),
        *("namespaceSelector", "nodeSelector", "objectSelector", "resources", "securityContext"),
        *("containerSecurityContext", "podSecurityContext", "strategy", "tolerations"),
        *("topologySpreadConstraints", "updateStrategy", "upgradeStrategy"),
    }
)
"""Keys that charts render with `toYaml`, so that their defaults do not bound what may be set."""

COUNT_OR_PART: Final = frozenset({"maxSurge", "maxUnavailable", "minAvailable"})
"""Keys that take a count and a part in percent alike, whichever the default is."""

TYPES: Final = {bool: "bool", int: "int", float: "number", str: "string"}
SCHEMA_TYPES: Final = {
    "boolean": "bool",
    "integer": "int",
    "number": "number",
    "string": "string",
    "array": "list",
    "object": "map",
}

COMMENTED: Final[dict[str, tuple[str, ...]]] = {
    "gpu-operator": (
        "validator.version",
        "operator.version",
        "dcgmExporter.config",
        "dcgmExporter.hpcJobMapping",
        "dcgmExporter.podLabelAllowlistRegex",
    ),
    "hami": ("scheduler.nodeLabelSelector", "scheduler.serviceAccountName"),
    "keda": ("operator.leaderElectionID",),
}
"""Values that a chart documents as a comment only."""


def from_default(key: str, default: Any) -> Any:
    """Return what may be set at `key`, judged by its default in values.yaml."""
    if default is None:
        return ANY
    if isinstance(default, str | int | float):
        return "int|string" if key in COUNT_OR_PART else TYPES[type(default)]
    if isinstance(default, list):
        return _handed_on(key, "list")
    if key in HANDED_ON or not default or _of_strings(key):
        return _handed_on(key, "map")
    children = cast("dict[str, Any]", default)
    return {child: from_default(child, value) for child, value in sorted(children.items())}


def from_schema(key: str, schema: dict[str, Any], whole: dict[str, Any]) -> Any:
    """Return what may be set at `key`, which `schema` describes; `whole` holds its references."""
    while "$ref" in schema:
        schema = whole["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    if schema.get("properties") and key not in HANDED_ON:
        return {
            child: from_schema(child, found, whole)
            for child, found in sorted(schema["properties"].items())
        }
    return _handed_on(key, _stated_type(schema.get("type", "")))


def _stated_type(stated: str | list[str]) -> str:
    """Return the type of a schema, several with a bar between them; null is no value of its own."""
    several = [stated] if isinstance(stated, str) else stated
    return "|".join(SCHEMA_TYPES.get(one, ANY) for one in several if one != "null") or ANY


def _handed_on(key: str, found: str) -> str:
    """Return the closer type of a list or a mapping that is called `key`."""
    if found == "list" and key.lower().endswith("env"):
        return ENV
    return STRINGS if found == "map" and _of_strings(key) else found


def _of_strings(key: str) -> bool:
    return key.lower().endswith(("annotations", "labels", "nodeselector"))


def opened(tree: Any) -> Any:
    """Return the tree with room for further keys everywhere: another chart's values stand there."""
    if not isinstance(tree, dict):
        return tree
    children = cast("dict[str, Any]", tree)
    return {OPEN: ANY} | {key: opened(below) for key, below in children.items()}


def add_commented(tree: dict[str, Any], path: str, text: str) -> None:
    """Add a value that is documented as a comment.

    Errors: ValueError when the chart no longer documents it, or sets its default after all.
    """
    *parents, key = path.split(".")
    for parent in parents:
        tree = tree[parent]
    if key in tree or not re.search(rf"^ *# ?{re.escape(key)}:", text, re.MULTILINE):
        raise ValueError(f"{path} is no longer a commented value: take it out of COMMENTED")
    tree[key] = ANY


def values_of(chart: Chart, folder: Path) -> dict[str, Any]:
    """Return the tree of values of one chart.

    Errors: ValueError when the folder holds another version than its file names say.
    """
    stem = folder / f"{chart.name}-{chart.version}"
    about = yaml.safe_load(stem.with_name(stem.name + ".Chart.yaml").read_text("utf-8"))
    # Some repositories keep a placeholder that their release job replaces.
    if about["version"] not in {chart.version, "v0.0.0", "v1.0.0-devel", "0.1.0"}:
        raise ValueError(f"{stem.name}.Chart.yaml is of version {about['version']}")
    schema = stem.with_name(stem.name + ".values.schema.json")
    if schema.exists():
        whole = json.loads(schema.read_text("utf-8"))
        return from_schema("", whole, whole)
    text = stem.with_name(stem.name + ".values.yaml").read_text("utf-8")
    tree = {key: from_default(key, value) for key, value in yaml.safe_load(text).items()}
    for part in about.get("dependencies", ()):
        name = part.get("alias", part["name"])
        tree[name] = opened(tree.get(name, {}))
    for path in COMMENTED.get(chart.name, ()):
        add_commented(tree, path, text)
    return tree


def main(folder: Path) -> None:
    """Replace `chart_values.json`."""
    known = {
        name: {"source": chart.source, "version": chart.version, "values": values_of(chart, folder)}
        for name, chart in CHARTS.items()
    }
    text = json.dumps(known, indent=1, sort_keys=True)
    Path(__file__).with_name("chart_values.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
