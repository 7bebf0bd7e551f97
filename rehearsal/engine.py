"""The Pulumi engine on this machine: the very program, file state, simulated providers.

The program is run as `__main__.py`, in this process, by the Automation API: it cannot know that it
is rehearsed. Source: pulumi.com/docs/iac/using-pulumi/automation-api.
"""

import json
import os
import runpy
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pulumi import automation as auto
from pulumi.automation.events import EngineEvent, OpType

from rehearsal.layout import REHEARSAL_VARIABLE, REPOSITORY, TOOLS, Layout
from rehearsal.project import missing_secrets, passphrase_file
from settings.environment import PROJECT

PLUGINS = REPOSITORY / "rehearsal" / "plugins"
OnEvent = Callable[[EngineEvent], None]
Answer = TypeVar("Answer")


class EngineError(Exception):
    """The engine did not finish; the message is what it said."""


@dataclass(frozen=True)
class Engine:
    """The engine with the state of one rehearsal."""

    layout: Layout

    def preview(self, on_event: OnEvent) -> dict[str, int]:
        """Return the planned operations by kind, such as `{"create": 120}`."""
        stack = self._stack()
        found = _run(lambda: stack.preview(on_event=on_event))
        return _by_name(found.change_summary)

    def up(self, on_event: OnEvent) -> dict[str, int]:
        """Bring the stack up, after recovering what an interrupted run left; return operations."""
        stack = self._stack()
        self._recover(stack, on_event)
        done = _run(lambda: stack.up(on_event=on_event, show_secrets=False))
        return _by_name(done.summary.resource_changes or {})

    def destroy(self, on_event: OnEvent) -> dict[str, int]:
        """Destroy every resource, protected ones too, and remove the stack."""
        stack = self._stack()
        self._recover(stack, on_event)
        _run(lambda: self._cli(stack, "state", "unprotect", "--all", "--yes"))
        done = _run(lambda: stack.destroy(on_event=on_event, show_secrets=False))
        _run(lambda: stack.workspace.remove_stack(stack.name, preserve_config=True))
        return _by_name(done.summary.resource_changes or {})

    def exists(self) -> bool:
        """Return whether the stack has a state."""
        return self._state_file.exists()

    def environment(self) -> dict[str, str]:
        """Return the environment that makes any `pulumi` work on this rehearsal."""
        folders = [TOOLS / "bin", PLUGINS / "bin", PLUGINS / "aws", *_kubernetes_plugin()]
        return {
            "PATH": os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")]),
            "PULUMI_BACKEND_URL": self.layout.state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase_file(self.layout)),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            REHEARSAL_VARIABLE: str(self.layout.root),
        }

    def _stack(self) -> auto.Stack:
        command = auto.PulumiCommand(root=str(TOOLS), skip_version_check=True)
        workspace = auto.LocalWorkspace(
            work_dir=str(self.layout.project),
            pulumi_command=command,
            program=run_program,
            env_vars=self.environment(),
        )
        make = auto.Stack.select if self.exists() else auto.Stack.create
        stack = _run(lambda: make(self.layout.stack, workspace))
        if secrets := missing_secrets(self.layout):
            values = {key: auto.ConfigValue(value, secret=True) for key, value in secrets.items()}
            _run(lambda: stack.set_all_config(values))
        return stack

    def _recover(self, stack: auto.Stack, on_event: OnEvent) -> None:
        """Free a lock whose holder died, and settle what it had begun.

        A pending create is dropped from the state and asked for again: both simulated providers
        answer a repeated create with the same object, so nothing is left over or made twice.
        """
        for lock in self._locks():
            holder = json.loads(lock.read_text())["pid"]
            if _lives(holder):
                raise EngineError(
                    f"another command works on stack {self.layout.stack} (pulumi, pid {holder}); "
                    "wait for it, or end it, then run this again"
                )
            lock.unlink(missing_ok=True)
        if self._pending_operations():
            _run(lambda: stack.refresh(on_event=on_event, clear_pending_creates=True))

    def _locks(self) -> list[Path]:
        return sorted((self.layout.state / ".pulumi" / "locks").rglob("*.json"))

    def _pending_operations(self) -> list[Any]:
        if not self.exists():
            return []
        latest: dict[str, Any] = json.loads(self._state_file.read_text())["checkpoint"]["latest"]
        return latest.get("pending_operations") or []

    @property
    def _state_file(self) -> Path:
        folder = self.layout.state / ".pulumi" / "stacks" / PROJECT
        return folder / f"{self.layout.stack}.json"

    def _cli(self, stack: auto.Stack, *arguments: str) -> None:
        workspace = stack.workspace
        environment = dict(workspace.env_vars)
        workspace.pulumi_command.run(
            [*arguments, "--stack", stack.name], workspace.work_dir, environment
        )


def _run(call: Callable[[], Answer]) -> Answer:
    """Return what the engine answers, with its refusal as an `EngineError`."""
    try:
        return call()
    except auto.CommandError as error:
        raise EngineError(str(error)) from None


def run_program() -> None:
    """Run `__main__.py` as the engine's language host would."""
    runpy.run_path(str(REPOSITORY / "__main__.py"), run_name="__main__")


def _by_name(changes: Mapping[OpType, int]) -> dict[str, int]:
    # The engine's JSON holds plain words where the SDK's types promise the enumeration.
    return {OpType(kind).value: count for kind, count in changes.items()}


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _kubernetes_plugin() -> list[Path]:
    """Return the folder of our kubernetes plugin, unless the official one is installed."""
    if official_kubernetes_plugin() is not None:
        return []
    return [PLUGINS / "kubernetes"]


def official_kubernetes_plugin() -> Path | None:
    """Return the official plugin, from PATH or the engine's plugin folder, or None."""
    name = "pulumi-resource-kubernetes"
    home = Path(os.environ.get("PULUMI_HOME", str(Path.home() / ".pulumi")))
    installed = sorted((home / "plugins").glob(f"resource-kubernetes-v*/{name}"))
    on_path = shutil.which(name)
    return Path(on_path) if on_path else (installed[-1] if installed else None)
