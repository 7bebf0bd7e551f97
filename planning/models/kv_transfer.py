"""How the KV cache of a prompt comes from the replica that read it to the one that answers.

Sources: vLLM 0.33.0, docs/features/nixl_connector_usage.md, docs/design/cuda_graphs.md and
vllm/distributed/kv_transfer/kv_connector/v1/nixl.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from planning.engine.tokens import Given, read
from planning.models.roles import RoleKind
from planning.specs.base import MODEL_LABEL, ROUTER_LABEL
from planning.specs.models import TransferSpec
from settings.engine import EngineSettings

PORT: Final = 5600
"""Where a prefill replica tells what to read, and from where; each copy of the attention has the
next one."""
KV_ROLES: Final[Mapping[RoleKind, str]] = MappingProxyType(
    {"prefill": "kv_producer", "decode": "kv_consumer"}
)
OVER_EFA: Final = "LIBFABRIC"
"""The backend that knows EFA; UCX is NIXL's own choice."""
DECODE_GRAPHS: Final = (
    *("--compilation-config", json.dumps({"cudagraph_mode": "FULL_DECODE_ONLY"})),
)
"""A replica that reads no prompts spares the memory of the graphs for them."""
GRAPH_FLAGS: Final = frozenset(
    {"--compilation-config", "-cc", "-O", "--optimization-level", "--enforce-eager"}
)
"""Where the owner says how to compile, the platform says nothing."""


def transfer(
    entry: str, kind: RoleKind | None, engine: EngineSettings, *, over_efa: bool
) -> TransferSpec | None:
    """Return how a replica of a role gives its KV cache, or takes it; None where it does both.

    A decode replica that cannot get a KV cache reads the prompt itself. The default of vLLM, to
    fail the request, would fail every one while a change rolls: replicas of two releases, or of two
    types of KV cache, refuse each other.
    """
    if kind is None:
        return None
    return TransferSpec(
        arguments=(
            *("--kv-transfer-config", json.dumps(_config(kind, over_efa=over_efa), sort_keys=True)),
            *(DECODE_GRAPHS if kind == "decode" and not _compiled(engine) else ()),
        ),
        host_variable="VLLM_NIXL_SIDE_CHANNEL_HOST",
        environment={"VLLM_NIXL_SIDE_CHANNEL_PORT": str(PORT)},
        port=PORT,
        callers=router_selector(entry),
        peers=replica_selector(entry),
    )


def replica_selector(entry: str) -> dict[str, str]:
    """Return the labels that pick the replicas of an entry, whatever they do."""
    return {"app.kubernetes.io/name": "vllm", MODEL_LABEL: entry}


def router_selector(entry: str) -> dict[str, str]:
    """Return the labels that pick the router's pods of an entry; no replica has them.

    They say nothing of `MODEL_LABEL`, by which replicas are counted.
    """
    return {"app.kubernetes.io/name": "vllm-router", ROUTER_LABEL: entry}


def _config(kind: RoleKind, *, over_efa: bool) -> dict[str, Any]:
    config = {
        "kv_connector": "NixlConnector",
        "kv_role": KV_ROLES[kind],
        "kv_load_failure_policy": "recompute",
    }
    backends = {"kv_connector_extra_config": {"backends": [OVER_EFA]}}
    return config | (backends if over_efa else {})


def _compiled(engine: EngineSettings) -> bool:
    """Return whether the owner's own flags say how the engine compiles."""
    given = {part.name for part in read(engine.extra_args) if isinstance(part, Given)}
    return not given.isdisjoint(GRAPH_FLAGS)
