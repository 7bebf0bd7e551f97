"""The whole program of an environment under the recording engine, and its golden rendering.

`python -m tests.program` writes `tests/golden/<stack>.json` anew; reviewers read its diff.
"""

import asyncio
import contextvars
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pulumi

from planning.plan import Plan
from planning.planner import plan_config
from settings.files import read_config
from stacks.configuration import Secrets
from stacks.platform import Platform
from stacks.templates import compose
from tests.recording import Recording, Registration, Secret, record

REPOSITORY = Path(__file__).resolve().parent.parent
GOLDEN = Path(__file__).resolve().parent / "golden"
STACKS = ("dev", "prod")
_RECORDED: dict[str, Recording] = {}
MASTER_KEY, SALT_KEY = "sk-planted-master-key", "planted-salt-key"


def config_of(stack: str) -> dict[str, Any]:
    """Return the `config:` mapping of a committed environment file."""
    return read_config(REPOSITORY / f"Pulumi.{stack}.yaml")


def record_environment(
    stack: str, config: Mapping[str, Any] | None = None, *, preview: bool = False
) -> Recording:
    """Compose an environment, with planted secrets, and return what it registers.

    The same question has the same answer, which nobody changes: a process records it once.
    """
    config = config or config_of(stack)
    question = json.dumps([stack, config, preview], sort_keys=True)
    if question not in _RECORDED:
        _RECORDED[question] = _record(plan_config(stack, config), preview=preview)
    return _RECORDED[question]


def _record(plan: Plan, *, preview: bool) -> Recording:

    def program() -> Platform:
        secrets = Secrets(
            master_key=pulumi.Output.secret(MASTER_KEY), salt_key=pulumi.Output.secret(SALT_KEY)
        )
        return compose(plan, secrets)

    def work() -> Recording:
        with closing(asyncio.new_event_loop()) as loop:
            asyncio.set_event_loop(loop)
            return record(program, preview=preview)

    # The SDK reads the whole stack at each registration: a new thread's is short, pytest's is not.
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(contextvars.copy_context().run, work).result()


def rendering(recording: Recording) -> str:
    """Return every registration as JSON, sorted by name; a secret shows that it is one."""
    shown = {name: _shown(recording[name]) for name in sorted(recording)}
    return json.dumps(shown, indent=1, sort_keys=True) + "\n"


def _shown(found: Registration) -> dict[str, Any]:
    return {
        "type": found.type,
        "parent": found.parent,
        "after": sorted(found.after),
        "provider": found.provider,
        "protect": found.protect,
        "delete_timeout": found.delete_timeout,
        "ignored": list(found.ignored),
        "inputs": hidden(found.inputs),
    }


def hidden(value: object) -> Any:
    """Return the value with every secret hidden."""
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, dict):
        return {key: hidden(item) for key, item in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [hidden(item) for item in cast("list[object]", value)]
    return value


if __name__ == "__main__":
    for stack in STACKS:
        (GOLDEN / f"{stack}.json").write_text(rendering(record_environment(stack)))
