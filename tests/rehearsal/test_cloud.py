import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rehearsal.cloud import Cloud, CloudResource

VPC = "aws:ec2/vpc:Vpc"
GROUP = "aws:eks/nodeGroup:NodeGroup"


def resource(type_: str = VPC, id_: str = "vpc-1", **outputs: object) -> CloudResource:
    return CloudResource(
        type_, id_, f"urn:{id_}", inputs={"cidrBlock": "10.0.0.0/16"}, outputs=outputs
    )


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    return Cloud(tmp_path / "cloud")


def test_a_resource_comes_back_as_it_was_put(cloud: Cloud) -> None:
    cloud.put(resource(arn="arn:aws:ec2:…", nested={"list": [1, True, None, "ü"]}))
    assert cloud.get(VPC, "vpc-1") == resource(
        arn="arn:aws:ec2:…", nested={"list": [1, True, None, "ü"]}
    )


def test_an_account_that_does_not_exist_yet_is_empty(cloud: Cloud) -> None:
    assert cloud.all() == ()
    assert cloud.list(VPC) == ()
    assert cloud.get(VPC, "vpc-1") is None


def test_resources_are_listed_by_type_in_the_order_of_their_ids(cloud: Cloud) -> None:
    for id_ in ("dev:b", "dev:a"):
        cloud.put(resource(GROUP, id_))
    cloud.put(resource())
    assert [item.id for item in cloud.list(GROUP)] == ["dev:a", "dev:b"]
    assert [item.id for item in cloud.all()] == ["vpc-1", "dev:a", "dev:b"]


def test_a_type_does_not_list_another_whose_name_begins_alike(cloud: Cloud) -> None:
    cloud.put(resource("aws:ec2/routeTableAssociation:RouteTableAssociation", "rtbassoc-1"))
    assert cloud.list("aws:ec2/routeTable:RouteTable") == ()


def test_deleting_twice_is_no_error_and_leaves_no_file(cloud: Cloud) -> None:
    cloud.put(resource())
    cloud.delete(VPC, "vpc-1")
    cloud.delete(VPC, "vpc-1")
    assert list(cloud.folder.iterdir()) == []


def test_ids_may_hold_what_a_file_name_may_not(cloud: Cloud) -> None:
    url = "https://sqs.us-west-2.amazonaws.com/111122223333/interruption"
    association = f"dev#arn:aws:iam::111122223333:role/{'r' * 64}#arn:aws:eks::aws:{'p' * 300}"
    for id_ in (url, association, association + "x", "/a", "..", "a/../b"):
        cloud.put(resource(GROUP, id_))
        assert cloud.get(GROUP, id_) == resource(GROUP, id_)
    assert len(cloud.all()) == len(list(cloud.folder.iterdir())) == 6


def test_a_person_can_read_and_change_a_file(cloud: Cloud) -> None:
    cloud.put(resource())
    (path,) = cloud.folder.iterdir()
    assert path.name == "ec2.vpc.Vpc--vpc-1.json"
    document = json.loads(path.read_text())
    document["inputs"]["cidrBlock"] = "10.1.0.0/16"
    path.write_text(json.dumps(document))
    found = cloud.get(VPC, "vpc-1")
    assert found
    assert found.inputs == {"cidrBlock": "10.1.0.0/16"}


def test_a_reader_never_sees_half_a_file(cloud: Cloud) -> None:
    sizes = [1, 200_000]

    def write(turn: int) -> None:
        cloud.put(resource(text="x" * sizes[turn % 2]))

    def read(_: int) -> int | None:
        found = cloud.get(VPC, "vpc-1")
        return len(found.outputs["text"]) if found else None

    write(0)
    with ThreadPoolExecutor(4) as pool:
        writing = pool.map(write, range(100))
        seen = set(pool.map(read, range(300)))
        list(writing)
    assert seen <= set(sizes)
    assert len(list(cloud.folder.iterdir())) == 1
