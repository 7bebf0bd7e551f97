"""MIG profiles: the instances that a GPU can be cut into, and where on it each may lie.

Sources, read on 2026-11-21: NVIDIA Multi-Instance GPU User Guide, Supported MIG Profiles (names,
number of instances, engines); `nvidia-smi mig -lgip` and `-lgipp` on the A100, H100 and RTX PRO
6000 (ids, memory, multiprocessors, placements; of the H200 in part); NVIDIA/gpu-operator 26.3, the
default mig-parted configuration (names on the B300).
Where no listing is published: memory is that part of the GPU's own; engines of the B200 and B300
are as many as on the H100, of which the guide says the same in other words; the B300 has the B200's
multiprocessors; ids of the RTX PRO 4500 are those of the same fraction of other GPUs.
Left out: the variants `+me`, `-me`, `+me.all` and `+gfx`, which differ in media engines only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, kw_only=True)
class MigProfile:
    """One kind of instance of one GPU."""

    name: str
    """As NVIDIA names it: compute slices and memory, `1g.10gb`."""
    profile_id: int
    """Id of the GPU instance profile."""
    memory_mib: int
    """Memory of an instance, in MiB: less than its name says."""
    memory_slices: int
    """Memory slices that an instance takes; a GPU has eight, an RTX PRO 6000 twelve."""
    starts: tuple[int, ...]
    """Memory slices that an instance may begin at."""
    multiprocessors: int
    copy_engines: int
    decoders: int
    encoders: int
    jpeg_engines: int
    ofa_engines: int
    """Optical flow accelerators."""

    @property
    def compute_slices(self) -> int:
        """Return the compute slices, the number before the `g`."""
        return int(self.name.split("g.", 1)[0])

    @property
    def most(self) -> int:
        """Return how many fit one GPU."""
        return len([start for start in self.starts if start % self.memory_slices == 0])


Layout = Mapping[str, int]
"""Instances of each profile, by its name, on one GPU."""
Placement = tuple[MigProfile, int]
"""An instance, and the memory slice that it begins at."""

_COLUMNS: Final = (
    *("name", "profile_id", "memory_mib", "memory_slices", "starts", "multiprocessors"),
    *("copy_engines", "decoders", "encoders", "jpeg_engines", "ofa_engines"),
)
_TABLE: Final = """
a100 40960
1g.5gb    19  4864  1 0,1,2,3,4,5,6 14 1 0 0 0 0
1g.10gb   15  9856  2 0,2,4,6       14 1 1 0 0 0
2g.10gb   14  9856  2 0,2,4         28 2 1 0 0 0
3g.20gb    9 19968  4 0,4           42 3 2 0 0 0
4g.20gb    5 19968  4 0             56 4 2 0 0 0
7g.40gb    0 40192  8 0             98 7 5 0 1 1

a100 81920
1g.10gb   19  9728  1 0,1,2,3,4,5,6 14 1 0 0 0 0
1g.20gb   15 19968  2 0,2,4,6       14 1 1 0 0 0
2g.20gb   14 19968  2 0,2,4         28 2 1 0 0 0
3g.40gb    9 40192  4 0,4           42 3 2 0 0 0
4g.40gb    5 40192  4 0             56 4 2 0 0 0
7g.80gb    0 80640  8 0             98 7 5 0 1 1

h100 81920
1g.10gb   19  9984  1 0,1,2,3,4,5,6 16 1 1 0 1 0
1g.20gb   15 20096  2 0,2,4,6       26 1 1 0 1 0
2g.20gb   14 20096  2 0,2,4         32 2 2 0 2 0
3g.40gb    9 40448  4 0,4           60 3 3 0 3 0
4g.40gb    5 40448  4 0             64 4 4 0 4 0
7g.80gb    0 81152  8 0            132 8 7 0 7 1

h200 144384
1g.18gb   19 16384  1 0,1,2,3,4,5,6 16 1 1 0 1 0
1g.35gb   15 33280  2 0,2,4,6       26 1 1 0 1 0
2g.35gb   14 33280  2 0,2,4         32 2 2 0 2 0
3g.71gb    9 71680  4 0,4           60 3 3 0 3 0
4g.71gb    5 71680  4 0             64 4 4 0 4 0
7g.141gb   0 143360 8 0            132 8 7 0 7 1

b200 183359
1g.23gb   19 20992  1 0,1,2,3,4,5,6 18 2 1 0 1 0
1g.45gb   15 45839  2 0,2,4,6       18 2 1 0 1 0
2g.45gb   14 45839  2 0,2,4         36 3 2 0 2 0
3g.90gb    9 91679  4 0,4           54 6 3 0 3 0
4g.90gb    5 91679  4 0             72 8 4 0 4 0
7g.180gb   0 183359 8 0            148 16 7 0 7 1

b300 275040
1g.34gb   19 34380  1 0,1,2,3,4,5,6 18 2 1 0 1 0
1g.67gb   15 68760  2 0,2,4,6       18 2 1 0 1 0
2g.67gb   14 68760  2 0,2,4         36 3 2 0 2 0
3g.135gb   9 137520 4 0,4           54 6 3 0 3 0
4g.135gb   5 137520 4 0             72 8 4 0 4 0
7g.269gb   0 275040 8 0            148 16 7 0 7 1

rtx-pro-4500 32768
1g.16gb    5 16311  1 0,1           41 1 1 1 1 0
2g.32gb    0 32623  2 0             82 2 3 3 2 1

rtx-pro-server-6000 98304
1g.24gb   14 24192  3 0,3,6,9       46 1 1 1 1 0
2g.48gb    5 48512  6 0,6           94 2 2 2 2 0
4g.96gb    0 97280 12 0            188 4 4 4 4 1
"""
"""GPUs as EC2 names them with their MiB, and a row per profile."""


def _profile(row: str) -> MigProfile:
    cells = dict(zip(_COLUMNS, row.split(), strict=True))
    starts = tuple(int(start) for start in cells.pop("starts").split(","))
    name = cells.pop("name")
    return MigProfile(name=name, starts=starts, **{key: int(cells[key]) for key in cells})


def _profiles() -> Iterator[tuple[tuple[str, int], tuple[MigProfile, ...]]]:
    for block in _TABLE.strip().split("\n\n"):
        heading, *rows = block.splitlines()
        name, memory_mib = heading.split()
        yield (name, int(memory_mib)), tuple(map(_profile, rows))


MIG_PROFILES: Final[Mapping[tuple[str, int], tuple[MigProfile, ...]]] = MappingProxyType(
    dict(_profiles())
)
"""Profiles by the name and the memory in MiB that EC2 gives a GPU, smallest first."""


def mig_profiles(gpu_name: str, gpu_memory_mib: int) -> tuple[MigProfile, ...]:
    """Return the profiles of a GPU, none where it cannot be cut.

    Args:
        gpu_name: As EC2 names it.
        gpu_memory_mib: As EC2 states it.
    """
    return MIG_PROFILES.get((gpu_name, gpu_memory_mib), ())


def find_profile(gpu_name: str, gpu_memory_mib: int, name: str) -> MigProfile | None:
    """Return the profile called `name` of a GPU, or None where it has none of that name."""
    profiles = mig_profiles(gpu_name, gpu_memory_mib)
    return next((profile for profile in profiles if profile.name == name), None)


def nearest_profiles(gpu_name: str, gpu_memory_mib: int, name: str) -> tuple[str, ...]:
    """Return up to three names of a GPU's profiles that look like `name`, for an error's fix."""
    names = [profile.name for profile in mig_profiles(gpu_name, gpu_memory_mib)]
    same_compute = [known for known in names if known.split("g.", 1)[0] == name.split("g.", 1)[0]]
    return tuple(dict.fromkeys([*same_compute, *get_close_matches(name, names)]))[:3]


def place(profiles: tuple[MigProfile, ...], layout: Layout) -> tuple[Placement, ...] | None:
    """Return where the instances of a layout lie on one GPU, by the slice they begin at.

    Returns:
        None where they do not fit, or where a name is not among `profiles`.
    """
    known = {profile.name: profile for profile in profiles}
    if not layout.keys() <= known.keys():
        return None
    wanted = [known[name] for name, count in layout.items() for _ in range(count)]
    # Those with the fewest places first; the last slice is reached by few, so it is tried first.
    wanted.sort(key=lambda profile: (-profile.memory_slices, profile.compute_slices))
    found = next(_placements(wanted, frozenset()), None)
    return None if found is None else tuple(sorted(found, key=lambda placed: placed[1]))


def fits_one_gpu(profiles: tuple[MigProfile, ...], layout: Layout) -> bool:
    """Return whether the instances of a layout fit one GPU together."""
    return place(profiles, layout) is not None


def _placements(wanted: list[MigProfile], taken: frozenset[int]) -> Iterator[tuple[Placement, ...]]:
    if not wanted:
        yield ()
        return
    profile, rest = wanted[0], wanted[1:]
    for start in profile.starts:
        slices = frozenset(range(start, start + profile.memory_slices))
        if not slices & taken:
            for others in _placements(rest, taken | slices):
                yield ((profile, start), *others)
