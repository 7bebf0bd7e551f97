"""Small environments, run by the real engine with its own state and home."""

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi import automation

from rehearsal.engine_calls import BriefWorkspace, BuiltPulumi
from rehearsal.layout import REHEARSAL_VARIABLE, REPOSITORY, TOOLS
from tests.rehearsal.aws_hand import TRUST

STACK = "dev"
LOADED = (aws.ec2.Vpc, aws.eks.Cluster, aws.iam.Role, aws.ssm.Parameter)
"""One of each package that programs use: the SDK imports a package when it is first asked."""
PASSWORD = "hunter2-in-plain-text"  # noqa: S105 - planted, to be searched for


def environment(cidr: str = "10.20.0.0/16", version: Any = "1.35", **cluster: Any) -> None:
    """Register a network, a cluster and a secret."""
    provider = aws.Provider("aws", region="us-west-2", default_tags={"tags": {"env": "dev"}})
    options = pulumi.ResourceOptions(provider=provider)
    vpc = aws.ec2.Vpc("network", cidr_block=cidr, opts=options)
    block = cidr.partition("/")[0] + "/24"
    subnet = aws.ec2.Subnet("a", vpc_id=vpc.id, cidr_block=block, opts=options)
    role = aws.iam.Role("cluster", assume_role_policy=TRUST, opts=options)
    made = aws.eks.Cluster(
        "dev",
        role_arn=role.arn,
        vpc_config={"subnet_ids": [subnet.id]},
        version=version,
        opts=options,
        **cluster,
    )
    secret = pulumi.Output.secret(PASSWORD)
    aws.ssm.Parameter("password", type="SecureString", value=secret, opts=options)
    pulumi.export("endpoint", made.endpoint)
    pulumi.export("vpc", vpc.id)
    pulumi.export("security_group", made.vpc_config.cluster_security_group_id)


@cache
def apart() -> ForkServerContext:
    """Return what makes processes that need not import the cloud's SDK: they begin with it."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


class RefusedError(Exception):
    """The engine said no; the message is all that it said."""


@dataclass(frozen=True)
class Engine:
    """An engine with its own state and home, that runs `program` in a process of its own."""

    state: Path
    program: Callable[..., None] = environment

    def run(self, action: str, **options: Any) -> dict[str, int]:
        """Do `action`, a method of the stack, with the program that `options` describe.

        Returns:
            How many resources it created, changed, left.

        Raises:
            RefusedError: the engine, a provider or the program refused.
        """
        rehearsal = os.environ.get(REHEARSAL_VARIABLE, "")
        with ProcessPoolExecutor(1, mp_context=apart()) as processes:
            return processes.submit(self.act, action, options, rehearsal).result()

    def act(self, action: str, options: dict[str, Any], rehearsal: str) -> dict[str, int]:
        """Do the same here and now: but the SDK leaves a refused program running as a thread."""
        os.environ[REHEARSAL_VARIABLE] = rehearsal
        stack = self._stack(partial(self.program, **options))
        try:
            done = getattr(stack, action)()
        except automation.CommandError as error:
            raise RefusedError(str(error)) from None
        return done.change_summary if action == "preview" else done.summary.resource_changes

    def outputs(self) -> dict[str, Any]:
        """Return the outputs of the stack."""
        found = automation.LocalWorkspace.stack_outputs(self._workspace(None), STACK)
        return {name: output.value for name, output in found.items()}

    def _stack(self, program: Callable[[], None]) -> automation.Stack:
        known = any(self.state.rglob(f"{STACK}.json"))
        make = automation.Stack.select if known else automation.Stack.create
        return make(STACK, self._workspace(program))

    def _workspace(self, program: Callable[[], None] | None) -> BriefWorkspace:
        assert (TOOLS / "bin/pulumi").exists(), (
            "this test needs the Pulumi engine: build it with `make setup`"
        )
        project = self.state.with_name("project")
        for folder in (self.state, project):
            folder.mkdir(exist_ok=True)
        return BriefWorkspace(
            work_dir=str(project),
            pulumi_command=BuiltPulumi(),
            program=program,
            project_settings=automation.ProjectSettings("llm-platform", "python"),
            env_vars={
                "PATH": f"{REPOSITORY / 'rehearsal/plugins/aws'}:/usr/bin:/bin",
                "PULUMI_BACKEND_URL": self.state.as_uri(),
                "PULUMI_CONFIG_PASSPHRASE": "correct horse",
                "PULUMI_HOME": str(self.state.with_name("home")),
                "PULUMI_SKIP_UPDATE_CHECK": "true",
            },
        )
