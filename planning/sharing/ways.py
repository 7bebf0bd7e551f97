"""The one place that knows every way of handing out GPUs."""

from typing import get_args

from planning.sharing.dra import Dra
from planning.sharing.hami import Hami
from planning.sharing.hami_dra import HamiDra
from planning.sharing.mig import Mig
from planning.sharing.slices import Mps, TimeSlicing
from planning.sharing.way import Way
from planning.sharing.whole import Whole
from settings.devices import AskKind
from settings.sharing import Sharing

WAYS: dict[str, type[Way]] = {
    way.kind: way for way in (Whole, TimeSlicing, Mps, Mig, Dra, Hami, HamiDra)
}
"""Every way by the word of the settings."""
KINDS_BY_ASK: dict[AskKind, tuple[str, ...]] = {
    ask: tuple(kind for kind, way in WAYS.items() if ask in way.asks) for ask in get_args(AskKind)
}
"""The ways that know each term of a model's ask."""


def way_of(sharing: Sharing) -> Way:
    """Return the way that a pool's settings ask for."""
    return WAYS[sharing.kind](sharing)
