import json
from pathlib import Path

import pytest

from rehearsal.cloud import Cloud
from rehearsal.layout import Layout
from rehearsal.providers.values import Properties, Secret
from tests.rehearsal.aws_hand import (
    SECRET_VALUE,
    SUBNET,
    VPC,
    Hand,
    Made,
    kinds,
    rehearsal_in,
)

NETWORK: Properties = {"cidrBlock": "10.20.0.0/16"}


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    return rehearsal_in(tmp_path, monkeypatch)


@pytest.fixture
def hand(layout: Layout) -> Hand:
    return Hand()


def test_a_refresh_sees_what_is_gone_and_what_was_changed(hand: Hand, layout: Layout) -> None:
    made = hand.create(SUBNET, {"vpcId": "vpc-1", "cidrBlock": "10.20.0.0/24"})
    path = Cloud(layout.cloud).path(SUBNET, made.id)
    document = json.loads(path.read_text())
    document["inputs"]["mapPublicIpOnLaunch"] = document["outputs"]["mapPublicIpOnLaunch"] = True
    path.write_text(json.dumps(document))
    read = hand.read(SUBNET, made)
    assert read.inputs == made.inputs | {"mapPublicIpOnLaunch": True}
    assert read.outputs == made.outputs | {"mapPublicIpOnLaunch": True}
    assert kinds(hand.diff(SUBNET, read, made.inputs)) == {"mapPublicIpOnLaunch": "DELETE"}
    path.unlink()
    assert hand.read(SUBNET, made).id == ""


def test_an_import_by_id_finds_the_resource_and_hides_its_secret(hand: Hand) -> None:
    made = hand.create(SECRET_VALUE, {"secretId": "s", "secretString": Secret("hunter2")})
    imported = hand.read(SECRET_VALUE, Made(made.id, {}, {}))
    assert imported.id == made.id
    assert imported.inputs["secretId"] == "s"
    assert isinstance(imported.inputs["secretString"], Secret)
    changed = hand.diff(SECRET_VALUE, imported, made.inputs)
    assert kinds(changed) == {"secretString": "UPDATE"}, "only setting it again makes it known"


def test_deleting_what_is_gone_is_no_error(hand: Hand, layout: Layout) -> None:
    made = hand.create(VPC, NETWORK)
    hand.delete(VPC, made)
    hand.delete(VPC, made)
    assert list(layout.cloud.iterdir()) == []
