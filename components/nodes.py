"""What managed groups and Karpenter's nodes have in common: role and start-up."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
import yaml

from components.iam import NODE_POLICIES, NODE_TRUST

NODE_CONFIG = "node.eks.aws/v1alpha1"
BOUNDARY = "node-config"


def node_role(
    name: str, parent: pulumi.Resource
) -> tuple[aws.iam.Role, tuple[aws.iam.RolePolicyAttachment, ...]]:
    """Make a role for nodes, and return it with its attachments.

    The attachments have to outlive the nodes: without them a node can no longer leave in order.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(f"{name}-node-role", assume_role_policy=json.dumps(NODE_TRUST), opts=opts)
    attachments = tuple(
        aws.iam.RolePolicyAttachment(
            f"{name}-node-{policy_arn.rpartition('/')[2]}",
            role=role.name,
            policy_arn=policy_arn,
            opts=opts,
        )
        for policy_arn in NODE_POLICIES
    )
    return role, attachments


def node_config(spec: Mapping[str, Any]) -> str:
    """Return a NodeConfig, what nodeadm of Amazon Linux 2023 reads.

    Source: https://awslabs.github.io/amazon-eks-ami/nodeadm/
    """
    document = {"apiVersion": NODE_CONFIG, "kind": "NodeConfig", "spec": dict(spec)}
    return yaml.safe_dump(document, sort_keys=False)


def in_mime(config: str) -> str:
    """Return a NodeConfig as the user data of a launch template: MIME in base64.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
    """
    lines = (
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{BOUNDARY}"',
        "",
        f"--{BOUNDARY}",
        "Content-Type: application/node.eks.aws",
        "",
        config,
        f"--{BOUNDARY}--",
        "",
    )
    return base64.b64encode("\n".join(lines).encode()).decode()
