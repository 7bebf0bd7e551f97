"""A hand for the simulated aws provider: calls it as the engine does, in Python values."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from rehearsal.control_plane.connection import Connection
from rehearsal.layout import REHEARSAL_VARIABLE, Layout
from rehearsal.providers.aws.servicer import AwsProvider
from rehearsal.providers.values import Properties, from_struct, to_struct

VPC = "aws:ec2/vpc:Vpc"
CLUSTER = "aws:eks/cluster:Cluster"
ROLE = "aws:iam/role:Role"
LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
SUBNET = "aws:ec2/subnet:Subnet"
QUEUE = "aws:sqs/queue:Queue"
SECRET_VALUE = "aws:secretsmanager/secretVersion:SecretVersion"  # noqa: S105 - a type token
TOKEN = "k8s-aws-v1.rehearsal"  # noqa: S105 - of a control plane that does not exist
TRUST = '{"Version": "2012-10-17", "Statement": []}'


def rehearsal_in(root: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """Return this process's rehearsal, whose control plane runs by what its file says."""
    layout = Layout(root / "dev")
    monkeypatch.setenv(REHEARSAL_VARIABLE, str(layout.root))
    connect(layout)
    return layout


def kinds(answer: provider_pb2.DiffResponse) -> dict[str, str]:
    """Return the kind of difference by the path of the input."""
    return {
        path: provider_pb2.PropertyDiff.Kind.Name(diff.kind)
        for path, diff in answer.detailedDiff.items()
    }


def connect(layout: Layout) -> None:
    """Write the connection file of a control plane that nobody will call."""
    layout.control_plane.mkdir(parents=True, exist_ok=True)
    endpoint, kubeconfig = "https://127.0.0.1:6443", layout.root / "kubeconfig"
    Connection(endpoint=endpoint, ca_data="Q0E=", token=TOKEN, kubeconfig=kubeconfig).write(
        layout.connection
    )


def cluster(**changes: object) -> Properties:
    """Return the inputs of a cluster, with `changes`."""
    return {"roleArn": "arn:aws:iam::111122223333:role/c", "vpcConfig": {"subnetIds": ["s"]}} | (
        changes  # pyright: ignore[reportReturnType] - tests give wrong inputs, too
    )


@dataclass(frozen=True)
class Made:
    """What a create or a read answered."""

    id: str
    outputs: Properties
    inputs: Properties


class Hand:
    """One engine's talk with one provider, that makes resources in us-west-2."""

    def __init__(self, config: dict[str, Any] | None = None) -> None:
        self.provider = AwsProvider()
        args = to_struct({"region": "us-west-2"} | (config or {}))
        self.provider.Configure(provider_pb2.ConfigureRequest(args=args), None)

    @staticmethod
    def urn(type_: str, name: str) -> str:
        """Return the URN of resource `name`."""
        return f"urn:pulumi:test::llm-platform::{type_}::{name}"

    def check(
        self, type_: str, inputs: Properties, name: str = "x", olds: Properties | None = None
    ) -> tuple[Properties, Sequence[str]]:
        """Return the completed inputs, and the reasons why they are refused."""
        request = provider_pb2.CheckRequest(
            urn=self.urn(type_, name),
            type=type_,
            name=name,
            news=to_struct(inputs),
            olds=to_struct(olds or {}),
        )
        answer = self.provider.Check(request, None)
        return from_struct(answer.inputs), [failure.reason for failure in answer.failures]

    def create(
        self, type_: str, inputs: Properties, name: str = "x", *, preview: bool = False
    ) -> Made:
        """Create a resource, after the check that completes its inputs."""
        checked, refused = self.check(type_, inputs, name)
        assert not refused
        request = provider_pb2.CreateRequest(
            urn=self.urn(type_, name),
            type=type_,
            name=name,
            properties=to_struct(checked),
            preview=preview,
        )
        answer = self.provider.Create(request, None)
        return Made(answer.id, from_struct(answer.properties), checked)

    def diff(
        self, type_: str, made: Made, inputs: Properties, name: str = "x"
    ) -> provider_pb2.DiffResponse:
        """Return what changing `made` to `inputs` means."""
        checked, refused = self.check(type_, inputs, name, olds=made.inputs)
        assert not refused
        request = provider_pb2.DiffRequest(
            urn=self.urn(type_, name),
            id=made.id,
            type=type_,
            name=name,
            olds=to_struct(made.outputs),
            old_inputs=to_struct(made.inputs),
            news=to_struct(checked),
        )
        return self.provider.Diff(request, None)

    def update(
        self, type_: str, made: Made, inputs: Properties, name: str = "x", *, preview: bool = False
    ) -> Properties:
        """Change `made` in place to `inputs`; return its outputs."""
        request = provider_pb2.UpdateRequest(
            urn=self.urn(type_, name),
            id=made.id,
            type=type_,
            olds=to_struct(made.outputs),
            old_inputs=to_struct(made.inputs),
            news=to_struct(inputs),
            preview=preview,
        )
        return from_struct(self.provider.Update(request, None).properties)

    def read(self, type_: str, made: Made, name: str = "x") -> Made:
        """Refresh `made`; an empty id says that it is gone."""
        request = provider_pb2.ReadRequest(
            urn=self.urn(type_, name),
            id=made.id,
            type=type_,
            properties=to_struct(made.outputs),
            inputs=to_struct(made.inputs),
        )
        answer = self.provider.Read(request, None)
        return Made(answer.id, from_struct(answer.properties), from_struct(answer.inputs))

    def delete(self, type_: str, made: Made, name: str = "x") -> None:
        """Delete `made`."""
        request = provider_pb2.DeleteRequest(
            urn=self.urn(type_, name),
            id=made.id,
            type=type_,
            properties=to_struct(made.outputs),
            old_inputs=to_struct(made.inputs),
        )
        self.provider.Delete(request, None)
