"""What a comparison is made of, and the floor on the real engine."""

import pytest

from benchmarks import floor, subject
from benchmarks.comparisons import engine_seconds, of_preview, of_rehearsal, of_up
from benchmarks.marks import ANSWERED, ASKED, COMPOSED, LOADED
from benchmarks.process import ENDED, Run, measure
from benchmarks.sandbox import sandbox
from rehearsal.project import write_project

FLOOR = Run({LOADED: 0.5, ASKED: 1.5, COMPOSED: 1.75, ANSWERED: 2.5, ENDED: 3.0}, {"create": 8})
PREVIEW = Run(
    {
        LOADED: 0.5,
        subject.PLANNED: 1.0,
        ASKED: 1.5,
        COMPOSED: 1.75,
        ANSWERED: 3.5,
        ENDED: 4.0,
    },
    {"create": 8},
)
UP = Run(
    {
        LOADED: 0.5,
        subject.PLANNED: 0.75,
        subject.READY: 3.75,
        ASKED: 4.0,
        COMPOSED: 5.0,
        ANSWERED: 9.0,
        subject.APPLIED: 10.0,
        subject.PLACED: 12.0,
        ENDED: 12.5,
    },
    {"create": 8},
)


def test_the_parts_add_up_to_the_whole():
    for found in (
        of_preview("dev", [(PREVIEW, FLOOR)]),
        of_up("dev", [(UP, FLOOR)]),
        of_rehearsal("dev", [(UP, FLOOR)]),
    ):
        assert sum(part.seconds for part in found.parts) == pytest.approx(found.seconds[0])
        floors = sum(part.floor_seconds for part in found.parts)
        assert floors == pytest.approx(found.floor_seconds[0])


def test_an_update_is_counted_without_the_control_plane_and_its_pods():
    assert engine_seconds(UP) == 12.5 - 3.0 - 2.0
    found = of_up("dev", [(UP, FLOOR)])
    assert found.seconds == (7.5,)
    assert found.ratio == 2.5
    assert not any("control plane" in part.name for part in found.parts)


def test_a_rehearsal_is_counted_whole():
    found = of_rehearsal("dev", [(UP, FLOOR), (UP, FLOOR)])
    assert found.seconds == (12.5, 12.5)
    assert any("control plane" in part.name for part in found.parts)
    assert (found.operation, found.stack, found.resources) == ("rehearsal", "dev", 8)


def test_a_part_that_the_floor_has_not_is_all_the_platform_s():
    planned = of_preview("dev", [(PREVIEW, FLOOR)]).parts[1]
    assert (planned.seconds, planned.floor_seconds, planned.over_floor_seconds) == (0.5, 0, 0.5)


@pytest.mark.parametrize("operation", ["preview", "up"])
def test_the_floor_is_the_engine_with_as_many_empty_components(operation: str):
    with sandbox("test-floor") as layout:
        write_project(layout, {})
        run = measure(floor.__name__, [operation, str(layout.root), "3"])
    assert run.operations == {"create": 4}
    assert [*run.moments] == [LOADED, ASKED, COMPOSED, ANSWERED, ENDED]
