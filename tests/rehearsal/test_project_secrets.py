"""Which secrets a rehearsal makes up: those that its environment reads from the stack."""

from pathlib import Path
from typing import Any

import yaml

from rehearsal.layout import Layout
from rehearsal.project import missing_secrets, stack_file, write_project
from settings.environment import PLATFORM_KEY
from settings.secrets import SECRETS

KEYS = {secret.key for secret in SECRETS}
OWN: dict[str, Any] = {PLATFORM_KEY: {"secrets": {"kind": "pulumi"}}}
EXTERNAL: dict[str, Any] = {PLATFORM_KEY: {"secrets": {"kind": "external-secrets"}}}
HELD = {key: {"secure": "v1:abc"} for key in KEYS}


def hold(layout: Layout) -> None:
    """Write the secrets into the copy, as the engine does."""
    document = yaml.safe_load(stack_file(layout).read_text())
    document["config"] |= HELD
    stack_file(layout).write_text(yaml.safe_dump(document))


def held(layout: Layout) -> set[str]:
    return KEYS & yaml.safe_load(stack_file(layout).read_text())["config"].keys()


def test_an_environment_with_secrets_of_its_own_gets_each_once(tmp_path: Path):
    layout = Layout(tmp_path / "dev")
    for config in ({}, OWN):
        write_project(layout, config)
        assert missing_secrets(layout).keys() == KEYS
    hold(layout)
    write_project(layout, OWN)
    assert held(layout) == KEYS
    assert missing_secrets(layout) == {}


def test_one_that_leaves_them_to_a_store_gets_none_and_keeps_none(tmp_path: Path):
    layout = Layout(tmp_path / "dev")
    write_project(layout, OWN)
    hold(layout)
    write_project(layout, EXTERNAL)
    assert held(layout) == set()
    assert missing_secrets(layout) == {}
