"""The project folder of a rehearsal: the person's environment file with secrets of its own.

The engine writes to the stack file that it works with (salt, secure values), so it gets a copy.
Real secrets are neither needed nor readable here: each gets a random value for the rehearsal.
"""

import secrets
from pathlib import Path
from typing import Any, cast

import yaml

from rehearsal.control_plane.files import write_private
from rehearsal.layout import REPOSITORY, Layout
from settings.environment import PLATFORM_KEY, PROJECT
from settings.files import stack_of
from settings.secret_source import is_external
from settings.secrets import SECRETS, SecretKey

SECRET_BYTES = 32


def environment_file(stack: str) -> Path:
    """Return the person's environment file of a stack: a name, or the path of such a file."""
    return Path(stack) if stack.endswith(".yaml") else REPOSITORY / f"Pulumi.{stack}.yaml"


def environments() -> list[str]:
    """Return the names of the environments of this checkout."""
    return sorted(map(stack_of, REPOSITORY.glob("Pulumi.*.yaml")))


def stack_file(layout: Layout) -> Path:
    """Return the rehearsal's own copy of it, which the engine reads."""
    return layout.project / f"Pulumi.{layout.stack}.yaml"


def passphrase_file(layout: Layout) -> Path:
    """Return the file (mode 0600) with the passphrase of the rehearsal's state."""
    return layout.root / "passphrase"


def write_project(layout: Layout, config: dict[str, Any]) -> None:
    """Write the project and stack files; what the engine added to an earlier copy is kept."""
    layout.project.mkdir(parents=True, exist_ok=True)
    layout.state.mkdir(parents=True, exist_ok=True)
    layout.logs.mkdir(parents=True, exist_ok=True)
    if not passphrase_file(layout).exists():
        write_private(passphrase_file(layout), secrets.token_hex(SECRET_BYTES))
    project = {"name": PROJECT, "runtime": "python", "main": str(REPOSITORY)}
    write_private(layout.project / "Pulumi.yaml", yaml.safe_dump(project))
    before = _read(stack_file(layout))
    unread = {secret.key for secret in SECRETS} - {secret.key for secret in _of_the_stack(config)}
    held = {key: value for key, value in before.get("config", {}).items() if _is_secure(value)}
    kept = {key: value for key, value in held.items() if key not in unread}
    given = {key: value for key, value in config.items() if not _is_secure(value)}
    document = {**before, "config": {**given, **kept}}
    write_private(stack_file(layout), yaml.safe_dump(document, sort_keys=False))


def missing_secrets(layout: Layout) -> dict[str, str]:
    """Return a random value for every secret that the copy does not hold yet, by full key.

    Among them the Hub's token: nothing here asks the Hub, and a model may ask for the token.
    """
    held = _read(stack_file(layout)).get("config", {})
    return {
        secret.key: secret.prefix + secrets.token_hex(SECRET_BYTES)
        for secret in _of_the_stack(held)
        if not _is_secure(held.get(secret.key))
    }


def _of_the_stack(config: dict[str, Any]) -> tuple[SecretKey, ...]:
    """Return the secrets that the program reads from the stack; none where a store has them."""
    return () if is_external(config.get(PLATFORM_KEY)) else SECRETS


def _read(path: Path) -> dict[str, Any]:
    document: Any = yaml.safe_load(path.read_text()) if path.exists() else None
    return cast("dict[str, Any]", document) if isinstance(document, dict) else {}


def _is_secure(value: Any) -> bool:
    return isinstance(value, dict) and set(cast("dict[str, Any]", value)) == {"secure"}
