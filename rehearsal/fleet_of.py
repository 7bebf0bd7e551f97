"""The fleet that an environment's configuration asks for."""

from collections.abc import Mapping
from typing import Any

from rehearsal.fleet.fleet import Fleet
from rehearsal.layout import Layout
from settings.environment import REGION_KEY
from settings.reading import read_environment
from settings.sharing import HamiSharing

DEFAULT_SPLITS = HamiSharing(kind="hami").splits


def fleet_of(layout: Layout, config: Mapping[str, Any]) -> Fleet:
    """Return the fleet; of a configuration that is refused by now only the region is read."""
    environment = read_environment(layout.stack, config).environment
    pools = environment.platform.pools.values() if environment else ()
    shared = [pool.sharing for pool in pools if isinstance(pool.sharing, HamiSharing)]
    splits = max((sharing.splits for sharing in shared), default=DEFAULT_SPLITS)
    return Fleet(layout, config[REGION_KEY], hami_splits=splits, dynamic_mig=False)
