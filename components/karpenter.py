"""Karpenter: its controller, what it may do in AWS, and how it hears of interruptions."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pulumi
import pulumi_aws as aws

from components.iam import POD_IDENTITY_TRUST, Policy, interruption_queue_policy
from components.karpenter_policies import CONTROLLER_POLICIES
from components.karpenter_scope import ControllerScope
from components.nodes import node_role
from components.release import release
from planning.specs.infrastructure import KarpenterSpec

EVENT_SECONDS = 300
"""How long an event waits in the queue; a spot notice is worthless after two minutes."""
EVENTS = {
    "health": ("aws.health", "AWS Health Event"),
    "spot": ("aws.ec2", "EC2 Spot Instance Interruption Warning"),
    "rebalance": ("aws.ec2", "EC2 Instance Rebalance Recommendation"),
    "state": ("aws.ec2", "EC2 Instance State-change Notification"),
    "reservation": ("aws.ec2", "EC2 Capacity Reservation Instance Interruption Warning"),
}
"""What Karpenter reacts to, by rule: source and detail type of the event.
Source: https://karpenter.sh/docs/reference/cloudformation/#interruption-handling"""


@dataclass(frozen=True, kw_only=True)
class KarpenterArgs:
    """`spec` is known before the update; the other fields are wires to other resources."""

    spec: KarpenterSpec
    cluster_name: pulumi.Input[str]
    cluster_arn: pulumi.Input[str]
    after: tuple[pulumi.Resource, ...] = ()
    """What the controller runs on: the system nodes and the add-ons of its pods."""


class Karpenter(pulumi.ComponentResource):
    """Karpenter's controller, which starts and ends the nodes of every `GpuPool`.

    Spot needs the role AWSServiceRoleForEC2Spot. It belongs to the account, not to a cluster, and
    is not made here: a second stack would fail on it, and a destroy would take it from the others.
    """

    node_role_name: pulumi.Output[str]
    """Role of the nodes that Karpenter starts; the cluster lets it in."""
    node_role_arn: pulumi.Output[str]
    instance_profile_name: pulumi.Output[str] | None
    """Instance profile of that role in a private network; elsewhere Karpenter makes its own."""
    queue_name: pulumi.Output[str]

    def __init__(
        self, name: str, args: KarpenterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("llm-platform:index:Karpenter", name, None, opts)
        self._prefix, self._child = name, pulumi.ResourceOptions(parent=self)
        queue, interruptions = self._interruptions(args.spec.cluster_name)
        node, joining = self._node_role(args.cluster_name)
        profile = self._instance_profile(node) if args.spec.private else None
        allowed = self._controller_role(args, node, queue)
        if args.spec.spot_role:
            self._spot_role()
        self._releases(args, queue, [*interruptions, *joining, *allowed])
        self.node_role_name, self.node_role_arn = node.name, node.arn
        self.instance_profile_name = profile.name if profile else None
        self.queue_name = queue.name
        self.register_outputs(
            {
                "node_role_name": self.node_role_name,
                "node_role_arn": self.node_role_arn,
                "instance_profile_name": self.instance_profile_name,
                "queue_name": self.queue_name,
            }
        )

    def _interruptions(self, queue_name: str) -> tuple[aws.sqs.Queue, list[pulumi.Resource]]:
        """Send the events of EC2 and AWS Health to a queue."""
        queue = aws.sqs.Queue(
            f"{self._prefix}-queue",
            name=queue_name,
            message_retention_seconds=EVENT_SECONDS,
            sqs_managed_sse_enabled=True,
            opts=self._child,
        )
        may_send = aws.sqs.QueuePolicy(
            f"{self._prefix}-queue-policy",
            queue_url=queue.url,
            policy=queue.arn.apply(lambda arn: json.dumps(interruption_queue_policy(arn))),
            opts=self._child,
        )
        sent: list[pulumi.Resource] = [may_send]
        for event, (source, detail_type) in EVENTS.items():
            pattern = {"source": [source], "detail-type": [detail_type]}
            rule = aws.cloudwatch.EventRule(
                f"{self._prefix}-{event}", event_pattern=json.dumps(pattern), opts=self._child
            )
            target = aws.cloudwatch.EventTarget(
                f"{self._prefix}-{event}-to-queue",
                rule=rule.name,
                arn=queue.arn,
                opts=self._child,
            )
            sent.append(target)
        return queue, sent

    def _node_role(
        self, cluster_name: pulumi.Input[str]
    ) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
        """Make the role of Karpenter's nodes, and let it into the cluster.

        EKS does that by itself only for managed groups; without the entry nodes start, cost money
        and never join.
        """
        role, attachments = node_role(self._prefix, self)
        entry = aws.eks.AccessEntry(
            f"{self._prefix}-node-access",
            cluster_name=cluster_name,
            principal_arn=role.arn,
            type="EC2_LINUX",
            opts=self._child,
        )
        return role, [*attachments, entry]

    def _instance_profile(self, node: aws.iam.Role) -> aws.iam.InstanceProfile:
        return aws.iam.InstanceProfile(
            f"{self._prefix}-node-profile", role=node.name, opts=self._child
        )

    def _spot_role(self) -> None:
        """Make the role that EC2 Spot works by; other environments of the account use it too."""
        aws.iam.ServiceLinkedRole(
            f"{self._prefix}-spot-role",
            aws_service_name="spot.amazonaws.com",
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )

    def _controller_role(
        self, args: KarpenterArgs, node: aws.iam.Role, queue: aws.sqs.Queue
    ) -> list[pulumi.Resource]:
        """Make the controller's role with its policies, and give it to the service account."""
        role = aws.iam.Role(
            f"{self._prefix}-controller-role",
            assume_role_policy=json.dumps(POD_IDENTITY_TRUST),
            opts=self._child,
        )
        scope = pulumi.Output.all(args.cluster_arn, node.arn, queue.arn).apply(
            lambda arns: ControllerScope(
                cluster_arn=arns[0],
                node_role_arn=arns[1],
                queue_arn=arns[2],
                reboots=args.spec.reboots,
            )
        )
        policies = [
            aws.iam.RolePolicy(
                f"{self._prefix}-{job}",
                role=role.name,
                policy=scope.apply(partial(_document, render)),
                opts=self._child,
            )
            for job, render in CONTROLLER_POLICIES.items()
        ]
        association = aws.eks.PodIdentityAssociation(
            f"{self._prefix}-controller-identity",
            cluster_name=args.cluster_name,
            namespace=args.spec.controller.namespace,
            service_account=args.spec.service_account,
            role_arn=role.arn,
            opts=self._child,
        )
        return [*policies, association]

    def _releases(
        self, args: KarpenterArgs, queue: aws.sqs.Queue, needed: list[pulumi.Resource]
    ) -> None:
        crds = release(
            f"{self._prefix}-crds",
            args.spec.crds,
            pulumi.ResourceOptions(parent=self),
        )
        wires: dict[str, Any] = {
            "settings": {"clusterName": args.cluster_name, "interruptionQueue": queue.name}
        }
        release(
            f"{self._prefix}-controller",
            args.spec.controller,
            # A pod gets its role when it starts: role and association come first, and go last.
            pulumi.ResourceOptions(parent=self, depends_on=[crds, *needed, *args.after]),
            wires,
        )


def _document(render: Callable[[ControllerScope], Policy], scope: ControllerScope) -> str:
    return json.dumps(render(scope))
