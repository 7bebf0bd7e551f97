"""The simulated aws provider under the real engine: file state, real diffs, real secrets."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.cloud import Cloud
from rehearsal.layout import REHEARSAL_VARIABLE, Layout
from tests.rehearsal.aws_hand import CLUSTER, SUBNET, VPC, rehearsal_in
from tests.rehearsal.aws_program import PASSWORD, Engine, RefusedError


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.delenv(REHEARSAL_VARIABLE, raising=False)
    return Engine(tmp_path / "state")


def test_a_first_preview_needs_no_control_plane_and_no_rehearsal(engine: Engine) -> None:
    assert engine.run("preview") == {"create": 7}
    with pytest.raises(RefusedError, match=f"{REHEARSAL_VARIABLE} names no rehearsal"):
        engine.run("up")


def test_wrong_inputs_are_refused_by_name_all_at_once(engine: Engine) -> None:
    network = {"ip_familly": "ipv4"}
    with pytest.raises(RefusedError) as refusal:
        engine.run("preview", version=1.35, kubernetes_network_config=network, name="-dev")
    hint = "the nearest is `ipFamily`"
    for problem in (
        "version: is a number (1.35); a string would be right",
        f"kubernetesNetworkConfig.ip_familly: there is no such input; {hint}",
        "name: the value `-dev` is refused by AWS: 1 to 100 of",
    ):
        assert problem in str(refusal.value)
    assert "Traceback" not in str(refusal.value)


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield rehearsal_in(tmp_path_factory.mktemp("account"), monkeypatch)


@pytest.fixture(scope="module")
def lasting(layout: Layout) -> Engine:
    """One whose environment is up; every test takes it as the one before has left it."""
    engine = Engine(layout.root.with_name("state"))
    engine.run("up")
    return engine


def test_the_outputs_of_an_up_are_those_of_its_resources(lasting: Engine, layout: Layout) -> None:
    cloud, outputs = Cloud(layout.cloud), lasting.outputs()
    assert outputs["endpoint"] == "https://127.0.0.1:6443"
    assert outputs["vpc"] == cloud.list(VPC)[0].id
    assert outputs["security_group"].startswith("sg-")
    assert cloud.list(CLUSTER)[0].outputs["tagsAll"] == {"env": "dev"}


def test_no_secret_stands_in_plain_text_anywhere(lasting: Engine, layout: Layout) -> None:
    texts = {
        path: path.read_text(errors="replace")
        for folder in (layout.cloud, lasting.state)
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert any("password" in text for text in texts.values()), "its resource is there"
    assert [path for path, text in texts.items() if PASSWORD in text] == []


def test_a_change_and_what_was_lost_are_seen_and_mended(lasting: Engine, layout: Layout) -> None:
    cloud = Cloud(layout.cloud)
    assert lasting.run("preview", version="1.36") == {"same": 6, "update": 1}
    cloud.path(SUBNET, cloud.list(SUBNET)[0].id).unlink()
    assert lasting.run("refresh")["delete"] == 1
    lasting.run("up", version="1.36")
    assert cloud.list(CLUSTER)[0].outputs["version"] == "1.36"
    assert len(cloud.list(SUBNET)) == 1
    assert lasting.run("preview", version="1.36") == {"same": 7}


def test_a_replaced_network_leaves_no_orphan(lasting: Engine, layout: Layout) -> None:
    cloud = Cloud(layout.cloud)
    before = {item.id for item in cloud.all()}
    lasting.run("up", version="1.36", cidr="10.30.0.0/16")
    after = {item.id for item in cloud.all()}
    assert len(after) == len(before) == 5
    assert len(after - before) == 2, "the VPC and its subnet are others, the rest stays"
    assert [item.inputs["cidrBlock"] for item in cloud.list(VPC)] == ["10.30.0.0/16"]
    assert lasting.run("preview", version="1.36", cidr="10.30.0.0/16") == {"same": 7}


def test_a_destroy_leaves_nothing_in_the_account(lasting: Engine, layout: Layout) -> None:
    lasting.run("destroy")
    assert list(layout.cloud.iterdir()) == []
