"""A small environment, run by the real engine in a process of its own.

`python -m tests.rehearsal.aws_program ACTION STATE OPTIONS`: ACTION is a method of the Automation
API's stack, STATE a folder of file state, OPTIONS a JSON object of arguments of `environment`.
Prints what changed and the outputs as JSON; exits with 1 and what the engine said when refused.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi import automation

from rehearsal.layout import REPOSITORY, TOOLS
from tests.rehearsal.aws_hand import TRUST

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


Program = Callable[..., None]


def stack(state: Path, options: dict[str, Any], program: Program) -> automation.Stack:
    """Return the stack `dev`, whose program is `program` with `options`."""
    state.mkdir(exist_ok=True)
    variables = {
        "PATH": f"{REPOSITORY / 'rehearsal/plugins/aws'}:/usr/bin:/bin",
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "correct horse",
        "PULUMI_HOME": str(state.parent / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    command = automation.PulumiCommand(root=str(TOOLS), skip_version_check=True)
    return automation.create_or_select_stack(
        "dev",
        project_name="llm-platform",
        program=lambda: program(**options),
        opts=automation.LocalWorkspaceOptions(pulumi_command=command, env_vars=variables),
    )


def main(action: str, state: str, options: str, *, program: Program = environment) -> str:
    """Do `action` on the stack of `program`; return what it did as JSON."""
    dev = stack(Path(state), json.loads(options), program)
    done = getattr(dev, action)()
    if action == "preview":
        return json.dumps({"changes": done.change_summary})
    outputs = {name: output.value for name, output in getattr(done, "outputs", {}).items()}
    return json.dumps({"changes": done.summary.resource_changes, "outputs": outputs})


if __name__ == "__main__":
    try:
        print(main(*sys.argv[1:]))
    except automation.CommandError as error:
        sys.exit(str(error))
