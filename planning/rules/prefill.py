"""What speaks against replicas that divide the work.

Sources: vLLM 0.33.0, docs/features/nixl_connector_compatibility.md, docs/features/disagg_prefill.md
and vllm/distributed/kv_transfer/kv_connector/v1/nixl/base_worker.py of its source archive.
"""

import re
from collections.abc import Container, Iterator
from typing import Final

from catalog.images import VLLM
from catalog.router import IMAGES_SOURCE, RELEASE
from planning.engine.images import MOVES, REFERENCE
from planning.models.roles import roles
from planning.pools.fabric import efa_interfaces
from planning.pools.facts import PoolFacts
from planning.specs.routers import router_name
from settings.finding import Finding
from settings.models import ModelSettings

SOURCE: Final = "vLLM 0.33.0: docs/features/nixl_connector_compatibility.md"
PURPOSE_SOURCE: Final = "vLLM 0.33.0: docs/features/disagg_prefill.md"
EFA_SOURCE: Final = "vLLM 0.33.0: docker/Dockerfile.efa"
DELETED: Final = re.compile(r"(?:docker\.io/)?vllm/vllm-router\b")
"""Images that are gone about two weeks after they were made."""
SLICED: Final = ("time-slicing", "mps")
"""Ways whose every device is a part of a GPU."""


def prefill_names(name: str, model: ModelSettings, names: Container[str]) -> Iterator[Finding]:
    """Yield the models that are called what the parts of a model are; `names` are of all."""
    if model.prefill is None:
        return
    for taken in (*(role.name(name) for role in roles(model)), router_name(name)):
        if taken in names:
            yield Finding(
                path=f"models.{taken}",
                problem=f"is what objects of '{name}' are called, whose replicas divide the work",
                fix="give it another name",
                source="planning/models/roles.py",
            )


def prefill_rules(name: str, model: ModelSettings, pool: PoolFacts) -> Iterator[Finding]:
    """Yield why the replicas of a model cannot divide the work; its pool knows what it asks for."""
    if model.prefill is None:
        return
    path = f"models.{name}.prefill"
    yield from _router_image(f"{path}.router_image", model.prefill.router_image)
    if (model.engine.pipeline_parallel or 1) > 1:
        yield Finding(
            path=f"models.{name}.engine.pipeline_parallel",
            problem="a replica that takes KV caches from another cannot share its layers among "
            "groups of GPUs: vLLM refuses to start",
            fix="use engine.tensor_parallel, or leave out prefill",
            source=SOURCE,
        )
    if _divided(model, pool):
        yield Finding(
            path=path,
            problem=f"pool '{pool.name}' hands out parts of GPUs: who reads prompts on one part "
            "slows down who answers on another, which is what the division is to end",
            fix="use a pool of whole GPUs, or leave out prefill",
            source=PURPOSE_SOURCE,
        )
    if efa_interfaces(pool, pool.ask(model)) and model.engine.image is None:
        yield Finding(
            path=f"models.{name}.engine.image",
            problem=f"pool '{pool.name}' has EFA, and vLLM's usual image lacks the library that "
            "KV caches go over it with",
            fix=f"use the release's image for EFA, {VLLM.reference}-efa, after looking whether it "
            f"is there, or leave out `efa` of pools.{pool.name}",
            source=EFA_SOURCE,
        )


def _divided(model: ModelSettings, pool: PoolFacts) -> bool:
    """Return whether a replica may have a GPU together with another one."""
    device = model.device
    asks = () if device is None else (device, *device.alternatives)
    shared = model.share is not None or any(ask.share for ask in asks)
    return shared or pool.settings.sharing.kind in SLICED


def _router_image(path: str, reference: str) -> Iterator[Finding]:
    """Yield what speaks against the router's image: whose it is, and what may move."""
    found = REFERENCE.fullmatch(reference)
    host, slash, _ = (found["name"] if found else "").partition("/")
    tag, digest = (found["tag"], found["digest"]) if found else (None, None)
    if DELETED.match(reference):
        yield Finding(
            path=path,
            problem=f"{reference}: its project publishes nightly images only and keeps some "
            "fifteen of them, so that in three weeks no node can pull it",
            fix="put it into a registry of your own, as docs/prefill-decode.md says",
            source=IMAGES_SOURCE,
        )
    elif not slash or not re.search(r"[.:]", host):
        yield Finding(
            path=path,
            problem=f"{reference} names no registry, and that of the node is taken",
            fix=f"write it out, registry.example.com/vllm-router:{RELEASE}",
            source="planning/rules/prefill.py",
        )
    elif not digest and (not tag or MOVES.search(tag)):
        yield Finding(
            path=path,
            problem=f"{reference} may be another image tomorrow",
            fix=f"give it a tag that stays, `:{RELEASE}`, or a digest",
            source="planning/rules/prefill.py",
        )
