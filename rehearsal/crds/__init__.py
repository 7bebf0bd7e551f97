"""Custom resource definitions of the program's Helm charts, as structural excerpts.

An excerpt has everything that validates (types, required, enums, patterns, CEL rules, defaults,
`x-kubernetes-*`, subresources) and no prose. `python -m rehearsal.crds SOURCE_FOLDER` makes them.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

EXCERPTS = Path(__file__).resolve().parent
"""One folder per chart, one JSON file per definition."""
NODE_CLASS = EXCERPTS / "nodeclasses.eks.amazonaws.com.json"
"""The node class of EKS Auto Mode, written after its documentation: AWS publishes no definition."""
SOURCE_ANNOTATION = "rehearsal.llm-platform/excerpt-of"
"""Annotation of every excerpt: `owner/repository@version:path` of what it was taken from."""


@cache
def excerpts(chart: str) -> tuple[Mapping[str, Any], ...]:
    """Return the definitions that `chart` brings, by name; none for a chart without any.

    The definitions are shared: copy one before changing it.
    """
    files = sorted((EXCERPTS / chart).glob("*.json"))
    return tuple(json.loads(file.read_text(encoding="utf-8")) for file in files)


@cache
def auto_mode() -> tuple[Mapping[str, Any], ...]:
    """Return the definitions that EKS brings with Auto Mode, and the rehearsal's Karpenter needs.

    The definitions are shared: copy one before changing it.
    """
    core = (one for one in excerpts("karpenter-crd") if one["spec"]["group"] == "karpenter.sh")
    return (*core, json.loads(NODE_CLASS.read_text(encoding="utf-8")))


@cache
def namespaced(group: str, kind: str) -> bool | None:
    """Return whether objects of a custom `kind` live in a namespace; None when no excerpt knows."""
    charts = (folder.name for folder in EXCERPTS.iterdir() if folder.is_dir())
    for definition in (*(one for chart in charts for one in excerpts(chart)), *auto_mode()):
        spec = definition["spec"]
        if (spec["group"], spec["names"]["kind"]) == (group, kind):
            return bool(spec["scope"] == "Namespaced")
    return None
