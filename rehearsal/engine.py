"""The Pulumi engine on this machine: the very program, file state, simulated providers.

The program is run as `__main__.py`, in this process, by the Automation API: it cannot know that it
is rehearsed. Source: pulumi.com/docs/iac/using-pulumi/automation-api.
"""

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pulumi import automation as auto
from pulumi.automation.events import EngineEvent, OpType

from rehearsal.engine_calls import BriefWorkspace, BuiltPulumi
from rehearsal.engine_environment import engine_environment
from rehearsal.go_runtime import GO_RUNTIME
from rehearsal.layout import TOOLS, Layout
from rehearsal.program import run_program
from rehearsal.project import missing_secrets
from rehearsal.recovery import EngineState

OnEvent = Callable[[EngineEvent], None]
Say = Callable[[str], None]
Answer = TypeVar("Answer")


class EngineError(Exception):
    """The engine did not finish; the message is what it said."""


@dataclass(frozen=True)
class Preview:
    """What an update would do."""

    changes: Mapping[str, int]
    """Operations by kind, such as `{"create": 120}`."""
    document: str
    """JSON of `pulumi preview --json`: every step, with secrets hidden."""


@dataclass(frozen=True)
class Engine:
    """The engine with the state of one rehearsal."""

    layout: Layout
    say: Say
    """Told what the engine waits for."""
    program: Callable[[], None] = run_program
    """Asked by the engine for resources; another one only to be compared with."""

    def preview(self, on_event: OnEvent) -> Preview:
        """Return what `up` would do.

        Raises:
            EngineError: the program or a provider refused.
        """
        stack = self._ready_stack()
        found = _run(lambda: stack.preview(on_event=on_event, json=True))
        return Preview(changes=_by_name(found.change_summary), document=found.stdout)

    def up(self, on_event: OnEvent) -> Mapping[str, int]:
        """Bring the stack up, after recovering what an interrupted run left; return operations.

        Raises:
            EngineError: it did not get there; a second `up` goes on.
        """
        stack = self._ready_stack()
        self._settle(stack, on_event)
        done = _run(lambda: stack.up(on_event=on_event, show_secrets=False))
        return _by_name(done.summary.resource_changes or {})

    def destroy(self, on_event: OnEvent) -> Mapping[str, int]:
        """Destroy every resource, protected ones too, and remove the stack; return operations.

        Raises:
            EngineError: something is left; a second `destroy` goes on.
        """
        stack = self._ready_stack()
        self._settle(stack, on_event)
        self._pulumi("state", "unprotect", "--all", "--yes")
        done = _run(lambda: stack.destroy(on_event=on_event, show_secrets=False))
        _run(lambda: stack.workspace.remove_stack(stack.name, preserve_config=True))
        return _by_name(done.summary.resource_changes or {})

    def exists(self) -> bool:
        """Return whether the stack has a state."""
        return EngineState(self.layout).file.exists()

    def _ready_stack(self) -> auto.Stack:
        """Return the stack, made where it is missing, free, and with every secret set."""
        if not EngineState(self.layout).free_lock(self.say):
            holder = EngineState(self.layout).holder()
            raise EngineError(
                f"another command works on stack {self.layout.stack} (pulumi, pid {holder}): "
                "wait for it, or end it, then run this again"
            )
        workspace = BriefWorkspace(
            work_dir=str(self.layout.project),
            pulumi_command=BuiltPulumi(),
            program=self.program,
            env_vars={**GO_RUNTIME, **engine_environment(self.layout)},
        )
        make = auto.Stack.select if self.exists() else auto.Stack.create
        stack = _run(lambda: make(self.layout.stack, workspace))
        for key, value in missing_secrets(self.layout).items():
            # Through its input: arguments of a process are for everybody to read.
            self._pulumi("config", "set", "--secret", key, given=value)
        return stack

    def _settle(self, stack: auto.Stack, on_event: OnEvent) -> None:
        """Bring the state in step with what an interrupted run has made.

        A pending create is dropped from the state and asked for again: both simulated providers
        answer a repeated create with the same object, so nothing is left over or made twice.
        """
        if EngineState(self.layout).pending_operations():
            _run(lambda: stack.refresh(on_event=on_event, clear_pending_creates=True))

    def _pulumi(self, *arguments: str, given: str = "") -> None:
        """Run a plain `pulumi` on the stack, with `given` as its input."""
        done = subprocess.run(
            [TOOLS / "bin" / "pulumi", "--non-interactive", *arguments, "-s", self.layout.stack],
            input=given,
            cwd=self.layout.project,
            env={**os.environ, **GO_RUNTIME, **engine_environment(self.layout)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise EngineError(done.stderr.strip())


def _run(call: Callable[[], Answer]) -> Answer:
    """Return what the engine answers, with its refusal as an `EngineError`."""
    try:
        return call()
    except auto.CommandError as error:
        # Its text is `code: … stdout: … stderr: …`; the last says why.
        said = str(error).rpartition("\n stderr:")[2]
        raise EngineError(said.strip() or str(error)) from None


def _by_name(changes: Mapping[OpType, int]) -> dict[str, int]:
    # The engine's JSON holds plain words where the SDK's types promise the enumeration.
    return {OpType(kind).value: count for kind, count in changes.items()}
