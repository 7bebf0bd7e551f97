"""Node groups with EFA, reserved capacity, or repair."""

from typing import Any

import pytest

from catalog.instance_types import INSTANCE_TYPES
from components.managed_gpu_nodes import named_group
from planning.pools.managed import efa_interfaces
from tests.components.test_nodes import gpus
from tests.recording import Recording

RESERVATION = "cr-0123456789abcdef0"
TARGETED = {"capacityReservationTarget": {"capacityReservationId": RESERVATION}}


def h100(**changes: Any) -> Recording:
    shape: dict[str, Any] = {
        "instance_types": ("p5.48xlarge",),
        "capacity_type": "ON_DEMAND",
        "network_interfaces": efa_interfaces(INSTANCE_TYPES["p5.48xlarge"]),
        "placement_group": "cluster",
        "zone": "us-west-2a",
    }
    return gpus("h100", **shape | changes)


def test_the_launch_template_of_a_p5_is_exactly_this():
    inputs = h100()["h100-template"].inputs
    for said_elsewhere in ("blockDeviceMappings", "metadataOptions", "userData"):
        assert inputs.pop(said_elsewhere)
    own = {"securityGroups": ["sg-cluster", "h100-efa-id"], "deleteOnTermination": "true"}
    first = {"networkCardIndex": 0, "deviceIndex": 0, "interfaceType": "efa"}
    rest = {"deviceIndex": 1, "interfaceType": "efa-only"}
    assert inputs == {
        "placement": {"groupName": "h100-placement-1a2b3c4"},
        "networkInterfaces": [
            own | first,
            *(own | rest | {"networkCardIndex": card} for card in range(1, 32)),
        ],
        "updateDefaultVersion": True,
    }


def test_nodes_stand_close_together():
    assert h100()["h100-placement"].inputs == {"strategy": "cluster"}


def test_only_nodes_of_the_group_reach_each_other_by_efa_and_from_their_first_minute():
    recorded = h100()
    assert recorded["h100-efa"].inputs == {
        "description": "EFA between the nodes of one group",
        "vpcId": "vpc-1",
    }
    itself = {
        "securityGroupId": "h100-efa-id",
        "referencedSecurityGroupId": "h100-efa-id",
        "ipProtocol": "-1",
    }
    ways = {"h100-efa-in", "h100-efa-out"}
    for way in ways:
        assert recorded[way].inputs == itself
    assert ways <= recorded["h100-group"].after


def test_a_group_without_efa_keeps_the_interface_that_eks_gives():
    recorded = gpus("l4")
    assert "networkInterfaces" not in recorded["l4-template"].inputs
    assert recorded.children("l4") == {"l4-template", "l4-group"}


def test_a_capacity_block_is_bought_elsewhere_and_its_type_stands_in_the_template_alone():
    recorded = h100(capacity_type="CAPACITY_BLOCK", reservation_id=RESERVATION, min_nodes=0)
    template, group = recorded["h100-template"].inputs, recorded["h100-group"].inputs
    assert template["instanceType"] == "p5.48xlarge"
    assert template["instanceMarketOptions"] == {"marketType": "capacity-block"}
    assert template["capacityReservationSpecification"] == TARGETED
    assert "instanceTypes" not in group
    assert group["capacityType"] == "CAPACITY_BLOCK"
    assert group["scalingConfig"] == {"desiredSize": 0, "minSize": 0, "maxSize": 3}


def test_an_on_demand_reservation_is_taken_and_the_type_stays_with_the_group():
    recorded = h100(reservation_id=RESERVATION)
    template, group = recorded["h100-template"].inputs, recorded["h100-group"].inputs
    assert template["capacityReservationSpecification"] == TARGETED
    assert not {"instanceType", "instanceMarketOptions"} & template.keys()
    assert group["instanceTypes"] == ["p5.48xlarge"]


def test_eks_repairs_nodes_only_where_it_is_asked_to():
    assert h100(repair=True)["h100-group"].inputs["nodeRepairConfig"] == {"enabled": True}
    assert "nodeRepairConfig" not in h100()["h100-group"].inputs


def test_a_node_group_without_an_auto_scaling_group_is_an_error():
    with pytest.raises(ValueError, match="EKS made the node group and named no Auto Scaling group"):
        named_group([])
