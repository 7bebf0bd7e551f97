"""The annotations that say whether, how long and for what to wait.

`pulumi.com/skipAwait`, `pulumi.com/timeoutSeconds`, `pulumi.com/deletionPropagationPolicy`, and
`pulumi.com/waitFor` with `condition=Ready`, `jsonpath={.status.phase}=Running`, or a JSON list.
Source: pulumi-kubernetes provider/pkg/metadata/annotations.go.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

from rehearsal.providers.kubernetes import jsonpath
from rehearsal.providers.kubernetes.cluster import Cluster
from rehearsal.providers.kubernetes.manifests import Manifest, annotation, at, condition
from rehearsal.providers.kubernetes.readiness import Rule
from rehearsal.providers.kubernetes.settings import default_wait_seconds
from rehearsal.providers.values import UNKNOWN, Properties

SKIP = "pulumi.com/skipAwait"
TIMEOUT = "pulumi.com/timeoutSeconds"
WAIT_FOR = "pulumi.com/waitFor"
PROPAGATION = "pulumi.com/deletionPropagationPolicy"
POLICIES = ("Foreground", "Background", "Orphan")


def bad_wait(annotations: Properties) -> Iterator[tuple[str, str]]:
    """Yield (annotation, what is wrong) for the waiting annotations that cannot be followed."""
    for name, read in ((TIMEOUT, _seconds), (WAIT_FOR, wait_for), (PROPAGATION, _policy)):
        value = annotations.get(name)
        if value is None or value is UNKNOWN:
            continue
        try:
            read(str(value))
        except ValueError as error:
            yield name, str(error)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if seconds < 0:
        problem = f"{text!r} is no number of seconds"
        raise ValueError(problem)
    return seconds


def wait_for(text: str) -> list[Rule]:
    """Return the rules of a waitFor annotation. Raises ValueError when one is not understood."""
    expressions: list[Any] = [text]
    if text.lstrip().startswith("["):
        expressions = cast("list[Any]", json.loads(text))
    return [_condition(str(expression)) for expression in expressions]


def _condition(expression: str) -> Rule:
    if expression.startswith("jsonpath="):
        path, separator, wanted = expression.removeprefix("jsonpath=").partition("}")
        return _path_rule(jsonpath.parsed(f"{path}{separator}"), expression, wanted[1:] or None)
    if expression.startswith("condition="):
        kind, _, status = expression.removeprefix("condition=").partition("=")
        return _condition_rule(kind, status or "True")
    problem = f"{expression!r} is neither condition=TYPE[=STATUS] nor jsonpath={{PATH}}[=VALUE]"
    raise ValueError(problem)


def _path_rule(steps: list[jsonpath.Step], expression: str, wanted: str | None) -> Rule:
    def rule(_: Cluster, live: Manifest) -> str | None:
        values = [_text(value) for value in jsonpath.found(steps, live)]
        if values and (wanted is None or all(value == wanted for value in values)):
            return None
        return f"{expression}: found {', '.join(values) or 'nothing'}"

    return rule


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _condition_rule(kind: str, status: str) -> Rule:
    def rule(_: Cluster, live: Manifest) -> str | None:
        found = condition(live, kind)
        # As the official provider, and `kubectl wait`: an answer to what was asked before is none.
        seen = found.get("observedGeneration", at(live, "status", "observedGeneration"))
        if isinstance(seen, int) and seen < (at(live, "metadata", "generation") or 0):
            return f"its condition {kind} is of before the change"
        if str(found.get("status")).lower() == status.lower():
            return None
        detail = f" ({found['message']})" if found.get("message") else ""
        return f"its condition {kind} is {found.get('status', 'not set')}, not {status}{detail}"

    return rule


def _policy(text: str) -> str:
    if text.capitalize() not in POLICIES:
        problem = f"{text!r} is none of {', '.join(POLICIES).lower()}"
        raise ValueError(problem)
    return text.capitalize()


def propagation(manifest: Mapping[str, Any]) -> str:
    """Return how dependents are deleted: before the object, unless an annotation says else."""
    stated = annotation(manifest, PROPAGATION)
    return _policy(stated) if stated else POLICIES[0]


def skips(manifest: Mapping[str, Any]) -> bool:
    """Return whether nobody is to wait for the object: neither to be ready nor to be gone."""
    return annotation(manifest, SKIP) == "true"


def timeout_seconds(manifest: Mapping[str, Any], custom_timeout: float) -> float:
    """Return how long to wait: customTimeouts, else the annotation, else the default."""
    stated = annotation(manifest, TIMEOUT)
    return custom_timeout or (_seconds(stated) if stated else 0.0) or default_wait_seconds()
