"""How each release of vLLM shares out GPU memory: what of it is measured, and what is counted.

Read in the source distributions of 0.19.1 to 0.33.0 on 2026-11-21 (vllm/v1/worker/gpu_worker.py,
vllm/v1/core/kv_cache_utils.py, vllm/engine/arg_utils.py, vllm/config/vllm.py); older releases from
the pull requests and logs named beside them.
"""

import re
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from typing import Any, Final

Version = tuple[int, int, int]

GIB: Final = 2**30
MIB: Final = 2**20

SORTING_BYTES_PER_LOGIT: Final = 37.3
"""Peak of the profiled sampler that sorts: 1.25 GB for 256 sequences of 131,072 tokens.
Source: vllm-project/vllm pull request 32558, column `Pyt Mem`."""

TRITON_BYTES_PER_LOGIT: Final = 11.5
"""The same of the sampler that searches: 384.33 MB. Source: the same table, column `Tri Mem`."""

PENALTY_BYTES_PER_LOGIT: Final = 4
"""Counts of output tokens that model runner V2 keeps for every sequence and token of the
vocabulary. Source: vLLM 0.33.0, vllm/v1/worker/gpu/sample/penalties.py."""

NON_TORCH_GIB: Final = 0.2
"""What libraries allocate beside PyTorch while the engine is profiled; logs show 0.13 to 0.30.
Source: vllm-project/vllm pull request 12126, issues 15815 and 50722."""

NON_TORCH_AND_CONTEXT_GIB: Final = 0.35
"""The same where the CUDA context was still counted with it. Source: issue 10517 (0.6.4)."""

CONTEXT_GIB: Final = {"large": 0.6, "small": 0.35}
"""CUDA context before the engine measures free memory. Source: vllm-project/vllm pull request 25359
(H100: 78.59 GiB are free) and issue 10517 (RTX 3090)."""

COLLECTIVES_GIB: Final = {"nvlink": 1.5, "pcie": 0.1}
"""Buffers of NCCL and custom all-reduce per GPU of a group. Source: difference of the published
budgets with and without tensor parallelism, LMCache docs, FAQ (H100), and issue 15815 (L40S)."""

GRAPHS_BASE_GIB: Final = 0.25
GRAPH_MIB: Final = 8
"""CUDA graphs: a private pool, and so much for each. A straight line through five logs of 2026:
0.36 GiB for 16 graphs, 0.73 for 86, 1.33 for 102, 0.17 and 0.46 for fewer than 5.
Source: gpustack/runner pull request 251, vllm-project/vllm pull requests 39559 and issues 50722,
57475, noonghunna/club-3090 issue 127."""

LARGE_GPU_GIB: Final = 70
HUGE_GPU_GIB: Final = 160
"""GPUs from these sizes on get larger batches by default. Source: arg_utils.py,
get_batch_defaults."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """What holds from one release on, until the next one here."""

    since: Version
    utilisation: float = 0.9
    """Default of `--gpu-memory-utilization`."""
    profiles_context: bool = False
    """Whether start-up runs a prompt of the whole context, as engine V0 did; else one batch."""
    sampler_bytes_per_logit: float = SORTING_BYTES_PER_LOGIT
    non_torch_gib: float = NON_TORCH_GIB
    collectives_counted: bool = False
    """Whether buffers of collectives are taken from the budget; else from what is left free."""
    checks_free: bool = False
    """Whether the engine refuses to start when its budget is not free."""
    graphs_counted: bool = False
    """Whether CUDA graphs are taken from the budget; else from what is left free."""
    large_seqs: int = 1024
    """`max_num_seqs` by default on a large GPU."""
    huge_tier: bool = False
    """Whether the largest GPUs get batches of 16,384 tokens."""
    tokens_by_concurrency: bool = False
    """Whether the log's tokens are concurrency times context; else blocks times block size."""
    batches_in_flight: int = 1
    """Batches whose tokens a sliding window keeps beside its own."""
    penalty_state: bool = False
    """Whether the sampler keeps a count per sequence and token of the vocabulary."""
    null_block: bool = False
    """Whether the check for one whole request leaves out the block that is never handed out."""


_CHANGES: Final[tuple[tuple[Version, dict[str, Any]], ...]] = (
    (
        (0, 6, 0),
        {
            "profiles_context": True,
            "non_torch_gib": NON_TORCH_AND_CONTEXT_GIB,
            "collectives_counted": True,
            "large_seqs": 256,
        },
    ),
    # vllm-project/vllm pull request 12126.
    ((0, 7, 0), {"non_torch_gib": NON_TORCH_GIB}),
    # Engine V1 is the default.
    ((0, 8, 0), {"profiles_context": False, "large_seqs": 1024}),
    # vllm-project/vllm issue 20305, of 0.9.1, shows the refusal.
    ((0, 9, 0), {"checks_free": True}),
    # vllm-project/vllm pull request 25359: NCCL starts before free memory is measured.
    ((0, 11, 0), {"collectives_counted": False}),
    # vllm-project/vllm pull request 33538, merged in February 2026.
    ((0, 17, 0), {"sampler_bytes_per_logit": TRITON_BYTES_PER_LOGIT}),
    # 0.20.2: VLLM_MEMORY_PROFILER_ESTIMATE_CUDAGRAPHS is on.
    ((0, 20, 0), {"utilisation": 0.92, "graphs_counted": True, "tokens_by_concurrency": True}),
    ((0, 26, 0), {"batches_in_flight": 2}),
    ((0, 28, 0), {"huge_tier": True}),
    # Model runner V2 is the default of every architecture.
    ((0, 29, 0), {"penalty_state": True}),
    ((0, 33, 0), {"null_block": True}),
)


def _releases() -> tuple[Release, ...]:
    def change(before: Release, step: tuple[Version, dict[str, Any]]) -> Release:
        return replace(before, since=step[0], **step[1])

    first = Release(since=(0, 0, 0))
    return tuple(accumulate(_CHANGES, change, initial=first))[1:]


RELEASES: Final = _releases()
"""From the oldest on."""

NEWEST_READ: Final = "0.33.0"
"""The newest release whose source was read."""


def parse_version(text: str) -> Version:
    """Return `0.33.0`, `v0.33.0` or `0.33` as numbers.

    Raises:
        ValueError: it is none of these.
    """
    found = re.fullmatch(r"v?(\d+)\.(\d+)(?:\.(\d+))?(?:\.post\d+)?", text)
    if not found:
        raise ValueError(f"{text!r} is no release of vLLM; write it as {NEWEST_READ}")
    return int(found[1]), int(found[2]), int(found[3] or 0)


@cache
def release_of(text: str) -> Release:
    """Return what holds for the release `text`; a newer one than was read is taken for the newest.

    Raises:
        ValueError: it is no release, or older than the oldest that is known.
    """
    version = parse_version(text)
    known = [release for release in RELEASES if release.since <= version]
    if not known:
        oldest = ".".join(map(str, RELEASES[0].since))
        raise ValueError(f"vLLM {text} is not known; use {oldest} or newer")
    return known[-1]
