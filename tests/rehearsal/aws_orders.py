"""What the tests of order share: resources that an earlier run has made."""

from dataclasses import dataclass, field

from rehearsal.cloud import Cloud, CloudResource
from rehearsal.providers.aws import resource_types as aws
from tests.rehearsal.aws_hand import Hand, Made

NODE_ROLE = "arn:aws:iam::111122223333:role/nodes"


@dataclass(frozen=True)
class Case:
    """A resource that is used, one that refers to it, and what the service answers."""

    used: str
    user: str
    reference: dict[str, object]
    """Properties of the user."""
    answer: str = ""
    facts: dict[str, object] = field(default_factory=dict[str, object])
    """Properties of the used."""

    def __str__(self) -> str:
        return f"{self.used} by {self.user}"

    def put(self, cloud: Cloud) -> tuple[Made, Made]:
        """Put both, `used` and `user`, and return them."""
        user = put(cloud, self.user, "user", **self.reference)
        return put(cloud, self.used, "used", **self.facts), user


def put(cloud: Cloud, type_: str, id_: str, **outputs: object) -> Made:
    """Put a resource into the account as if an earlier run had made it; its name is its id."""
    cloud.put(CloudResource(type_, id_, Hand.urn(type_, id_), {}, outputs))
    return Made(id_, {}, {})


def foundation(cloud: Cloud) -> None:
    """Put a cluster that logs, with what a node group needs."""
    put(cloud, aws.CLUSTER, "dev", name="dev", status="ACTIVE", enabledClusterLogTypes=["api"])
    put(cloud, aws.ROLE, "nodes", arn=NODE_ROLE, name="nodes")
    put(cloud, aws.SUBNET, "subnet-1", vpcId="vpc")
