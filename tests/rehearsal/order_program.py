"""A cluster with nodes, whose order may be wrong."""

import pulumi
import pulumi_aws as aws

from tests.rehearsal.aws_hand import TRUST

NAME = "dev"


def cluster(*, wired: bool = True, plugin_first: bool = True) -> None:
    """Register a cluster, its network plugin and a node group.

    Without `wired` the node group names its cluster and does not wait for it; without
    `plugin_first` nothing says that nodes need the plugin.
    """
    options = pulumi.ResourceOptions(provider=aws.Provider("aws", region="us-west-2"))
    vpc = aws.ec2.Vpc("network", cidr_block="10.20.0.0/16", opts=options)
    subnet = aws.ec2.Subnet("private", vpc_id=vpc.id, cidr_block="10.20.0.0/24", opts=options)
    role = aws.iam.Role("role", assume_role_policy=TRUST, opts=options)
    made = aws.eks.Cluster(
        "cluster",
        name=NAME,
        role_arn=role.arn,
        vpc_config={"subnet_ids": [subnet.id]},
        opts=options,
    )
    plugin = aws.eks.Addon("plugin", addon_name="vpc-cni", cluster_name=made.name, opts=options)
    after = pulumi.ResourceOptions(depends_on=[plugin] if plugin_first else [])
    aws.eks.NodeGroup(
        "group",
        cluster_name=made.name if wired else NAME,
        node_role_arn=role.arn,
        subnet_ids=[subnet.id],
        scaling_config={"desired_size": 1, "min_size": 1, "max_size": 1},
        opts=pulumi.ResourceOptions.merge(options, after),
    )
