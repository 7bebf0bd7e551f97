"""A small valid environment file; tests change what they are about, by path."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

from settings.environment import PLATFORM_KEY, REGION_KEY

REPOSITORY = Path(__file__).resolve().parents[1]
ENVIRONMENT_FILES = sorted(REPOSITORY.glob("Pulumi.*.yaml"))
REMOVED = object()
"""As a value: the key is taken out."""

PLATFORM: dict[str, Any] = {
    "template": "dev",
    "cluster": {"admins": ["arn:aws:iam::111122223333:role/platform"]},
    "pools": {
        "l40s": {
            "provisioner": "karpenter",
            "instances": ["g6e.2xlarge", "g6e.12xlarge"],
            "gpu_limit": 8,
        },
        "l4": {
            "provisioner": "managed",
            "instances": ["g6.2xlarge"],
            "nodes": 1,
            "sharing": {"kind": "hami"},
        },
    },
    "models": {
        "chat": {
            "model": "Qwen/Qwen3-8B",
            "revision": "b968826d9c46dd6066d109eabc6255188de91218",
            "pool": "l40s",
            "context": 32768,
        },
        "tiny": {
            "model": "Qwen/Qwen3-0.6B",
            "revision": "c1899de289a04d12100db370d81485cdf75e47ca",
            "pool": "l4",
            "share": {"memory_gib": 6, "cores_percent": 30},
            "context": 8192,
        },
    },
    "budget": {"gpus": 9, "usd_per_month": 100_000, "alert_emails": ["ops@example.com"]},
}


def platform(changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the platform object with `changes`, dotted path to value."""
    document: Any = deepcopy(PLATFORM)
    for path, value in (changes or {}).items():
        *parents, last = path.split(".")
        node: dict[str, Any] = document
        for step in parents:
            node = node.setdefault(step, {})
        if value is REMOVED:
            del node[last]
        else:
            node[last] = value
    return document


def config(
    changes: Mapping[str, Any] | None = None, region: str | None = "us-west-2"
) -> dict[str, Any]:
    """Return the `config:` mapping of the file with `changes` to its platform object."""
    regional = {} if region is None else {REGION_KEY: region}
    return {**regional, PLATFORM_KEY: platform(changes)}


def children(node: Any) -> list[tuple[str | int, Any]]:
    """Return the steps from a node of a document, each with what stands there."""
    if isinstance(node, list):
        return [*enumerate(cast("list[Any]", node))]
    return [*cast("dict[str | int, Any]", node).items()] if isinstance(node, dict) else []
