"""On random environments, tight ones among them, plan and scheduler come to the same."""

from collections import Counter

import pytest

from planning.sharing.verdict import Verdict
from rehearsal.control_plane import ControlPlane
from rehearsal.control_plane.programs import program
from rehearsal.control_plane.site import Site
from rehearsal.control_plane.supervisor import Supervisor
from rehearsal.layout import REPOSITORY
from settings.environment import PLATFORM_KEY, PlatformSettings
from settings.files import read_config
from tests.rehearsal.conftest import eventually
from tests.rehearsal.crowd import (
    NAMESPACE,
    Crowded,
    all_prepared,
    all_tried,
    create,
    crowded,
    has_account,
    objects,
    places,
)
from tests.rehearsal.crowd_nodes import join
from tests.rehearsal.random_environments import environments

ENVIRONMENTS = 200
SCHEDULERS = ("kube-scheduler", "hami-scheduler")
CONTROLLERS = ("kwok", "kube-controller-manager")
MOST_OPEN = 0.1
"""Of the environments, those where the plan may leave it open."""


@pytest.fixture(scope="module")
def started(own_plane: ControlPlane) -> ControlPlane:
    return own_plane


@pytest.fixture(scope="module")
def crowd() -> list[Crowded]:
    return [crowded(platform) for platform in environments(ENVIRONMENTS)]


@pytest.fixture(scope="module")
def packed() -> Crowded:
    """The example of 32 services on 8 GPUs."""
    config = read_config(REPOSITORY / "docs" / "examples" / "packing.yaml")
    return crowded(PlatformSettings.model_validate(config[PLATFORM_KEY]))


@pytest.fixture(scope="module")
def seen(
    started: ControlPlane, crowd: list[Crowded], packed: Crowded
) -> dict[str, tuple[str | None, str]]:
    """Every replica waits before a scheduler starts: the priorities decide who is first.

    Nothing but the schedulers works by then: who is bound need not run to be counted.
    """
    layout, everyone = started.layout, [*crowd, packed]
    processes = Supervisor(layout.control_plane.absolute(), layout.logs)
    processes.end(SCHEDULERS)
    before, pods = objects(everyone)
    join(started, [pool for one in everyone for pool in one.pools.values()])
    create(started, [("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})])
    eventually("pods can be created", lambda: has_account(started))
    create(started, before)
    create(started, pods)
    eventually("nodes are ready, and claims made", lambda: all_prepared(started), pause=1.0)
    processes.end(CONTROLLERS)
    site = Site.read(layout.control_plane.absolute())
    for name in SCHEDULERS:
        processes.start(program(name, site, started.tools))
    eventually("every pod was tried", lambda: all_tried(started), seconds=300.0, pause=1.0)
    return places(started)


def verdict(one: Crowded) -> Verdict:
    verdicts = {pool.verdict for pool in one.placement.pools}
    for found in (Verdict.DOES_NOT_FIT, Verdict.DEPENDS):
        if found in verdicts:
            return found
    return Verdict.FITS


def test_what_fits_is_placed_and_of_what_does_not_something_waits(
    crowd: list[Crowded], seen: dict[str, tuple[str | None, str]]
):
    for one in crowd:
        for pool in one.placement.pools:
            own = {name: spec for name, spec in one.pods.items() if spec.pool == pool.name}
            waiting = {name: seen[name][1] for name in own if seen[name][0] is None}
            facts = f"{pool!r} {one.platform.pools[pool.name]!r} {waiting!r}"
            if pool.verdict == Verdict.FITS:
                assert not waiting, facts
            elif pool.verdict == Verdict.DOES_NOT_FIT:
                assert waiting, facts
            else:
                assert {own[name].name for name in waiting} <= {*pool.may_wait}, facts


def test_every_replica_is_on_a_node_of_its_pool(
    crowd: list[Crowded], seen: dict[str, tuple[str | None, str]]
):
    for one in crowd:
        for name, spec in one.pods.items():
            node = seen[name][0]
            assert node is None or node.rpartition("-")[0] == spec.pool


def test_the_environments_are_tight_and_seldom_left_open(crowd: list[Crowded]):
    verdicts = Counter(verdict(one) for one in crowd)
    assert len(crowd) == ENVIRONMENTS
    assert verdicts[Verdict.DEPENDS] <= MOST_OPEN * ENVIRONMENTS
    assert verdicts[Verdict.DOES_NOT_FIT] >= 10
    kinds = {pool.sharing.kind for one in crowd for pool in one.platform.pools.values()}
    assert len(kinds) == 7


def test_thirty_two_services_share_eight_gpus(
    packed: Crowded, seen: dict[str, tuple[str | None, str]]
):
    assert len(packed.services) == 32
    assert [pool.verdict for pool in packed.placement.pools] == [Verdict.FITS]
    nodes = {seen[name][0] for name in packed.pods}
    assert nodes == {node.name for node in packed.placement.nodes}
    assert sum(node.gpus_used for node in packed.placement.nodes) == 8
