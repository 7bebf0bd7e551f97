"""The real engine, which does at once what no edge orders, is refused what is out of order."""

from pathlib import Path

import pytest

from rehearsal.cloud import Cloud
from rehearsal.layout import Layout
from rehearsal.providers.aws import resource_types as aws
from tests.rehearsal.aws_hand import rehearsal_in
from tests.rehearsal.aws_program import Engine, RefusedError
from tests.rehearsal.order_program import cluster


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    return rehearsal_in(tmp_path, monkeypatch)


@pytest.fixture
def engine(tmp_path: Path, layout: Layout) -> Engine:
    return Engine(tmp_path / "state", cluster)


def test_a_destroy_is_refused_where_an_edge_is_missing(engine: Engine, layout: Layout) -> None:
    cloud = Cloud(layout.cloud)
    engine.run("up", plugin_first=False)
    (group,) = cloud.list(aws.NODE_GROUP)
    with pytest.raises(RefusedError) as refusal:
        engine.run("destroy", plugin_first=False)
    said = " ".join(str(refusal.value).split())
    assert "OutOfOrder: EKS would delete the add-on dev:vpc-cni, and nodes could not give" in said
    assert f"still there: NodeGroup {group.id}. Let group depend on plugin: then that goes" in said
    assert "Traceback" not in said
    engine.run("destroy", plugin_first=False)
    assert cloud.all() == ()


def test_an_up_is_refused_where_a_name_hides_an_edge(engine: Engine, layout: Layout) -> None:
    with pytest.raises(RefusedError) as refusal:
        engine.run("up", wired=False, plugin_first=False)
    expected = "ResourceNotFoundException: no cluster found for name: dev; let group depend on the"
    assert expected in str(refusal.value)
    assert Cloud(layout.cloud).list(aws.NODE_GROUP) == ()


def test_with_its_edges_it_comes_and_goes(engine: Engine, layout: Layout) -> None:
    engine.run("up")
    engine.run("destroy")
    assert Cloud(layout.cloud).all() == ()
