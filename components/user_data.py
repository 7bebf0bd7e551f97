"""What a node reads at its first start, as text: a NodeConfig, TOML, or a shell script."""

import base64
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, cast

from components.nodes import in_mime, node_config
from planning.specs.node_images import (
    BootstrapSpec,
    BottlerocketSettingsSpec,
    NodeConfigSpec,
    UserDataSpec,
)

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
"""Keys that TOML takes without quotes."""


def user_data(spec: UserDataSpec) -> str:
    """Return the text."""
    match spec:
        case NodeConfigSpec():
            return node_config(spec.spec)
        case BottlerocketSettingsSpec():
            return toml({"settings": spec.settings})
        case BootstrapSpec():
            return bootstrap_script(spec)


def in_launch_template(spec: UserDataSpec | None) -> str | None:
    """Return it as a launch template takes it, in base64; EKS adds its part to a NodeConfig in MIME
    and to TOML.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
    """
    match spec:
        case None:
            return None
        case NodeConfigSpec():
            return in_mime(user_data(spec))
        case _:
            return base64.b64encode(user_data(spec).encode()).decode()


def bootstrap_script(spec: BootstrapSpec) -> str:
    """Return a script that joins a node with its labels and taints.

    Source: https://documentation.ubuntu.com/aws/aws-how-to/kubernetes/deploy-managed-node-group
    """
    labels = ",".join(f"{key}={value}" for key, value in spec.labels.items())
    taints = ",".join(f"{taint.key}={taint.value}:{taint.effect}" for taint in spec.taints)
    told = f"--node-labels={labels} --register-with-taints={taints}"
    command = (spec.program, spec.cluster_name, "--kubelet-extra-args", told)
    return f"#!/bin/bash\nset -euo pipefail\n{shlex.join(command)}\n"


def toml(document: Mapping[str, Any]) -> str:
    """Return tables of strings, numbers, booleans and lists as TOML.

    Such values are written in TOML as they are in JSON. Source: https://toml.io/en/v1.0.0
    """
    return "\n".join(_tables((), document))


def _tables(path: tuple[str, ...], table: Mapping[str, Any]) -> Iterator[str]:
    values = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    if values:
        yield f"[{'.'.join(map(_key, path))}]"
        yield from (f"{_key(key)} = {_written(value)}" for key, value in values.items())
        yield ""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _tables((*path, key), cast("Mapping[str, Any]", value))


def _key(key: str) -> str:
    return key if BARE_KEY.fullmatch(key) else _written(key)


def _written(value: object) -> str:
    # JSON escapes what is not ASCII in halves, which TOML refuses, and leaves DEL as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
