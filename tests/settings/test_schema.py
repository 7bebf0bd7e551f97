import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from settings import schema
from settings.__main__ import app
from settings.schema import SCHEMA_FILE, is_current, schema_text
from tests.documents import ENVIRONMENT_FILES, children, config

SCHEMA: dict[str, Any] = json.loads(SCHEMA_FILE.read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


PREFIX = "$.config['llm-platform:platform']"


def errors(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Return where the schema finds an error, below the platform object, and which."""
    # The library leaves the type of the instance open.
    found = VALIDATOR.iter_errors(document)  # pyright: ignore[reportUnknownMemberType]
    return [(error.json_path.replace(PREFIX, "$"), error.message) for error in found]


def test_the_committed_schema_is_current():
    assert is_current(), "run `python -m settings` and commit settings/schema.json"


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", ENVIRONMENT_FILES, ids=lambda file: file.name)
def test_an_environment_file_keeps_the_schema_and_names_it_for_editors(file: Path):
    text = file.read_text("utf-8")
    assert text.splitlines()[0] == "# yaml-language-server: $schema=settings/schema.json"
    assert errors(yaml.safe_load(text)) == []


def test_dev_and_prod_are_checked():
    assert [file.name for file in ENVIRONMENT_FILES] == ["Pulumi.dev.yaml", "Pulumi.prod.yaml"]


def test_the_schema_keeps_a_valid_document_and_whatever_else_pulumi_keeps_in_the_file():
    document = {"config": config() | {"llm-platform:litellmMasterKey": {"secure": "v1:abc"}}}
    assert errors(document | {"encryptionsalt": "v1:abc"}) == []


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"templat": "dev"}, "$"),
        ({"cluster.kubernetis": "1.36"}, "$.cluster"),
        ({"cluster.kubernetes": 1.36}, "$.cluster.kubernetes"),
        ({"cluster.admins": []}, "$.cluster.admins"),
        ({"pools": {}}, "$.pools"),
        ({"pools.l40s.gpu_limt": 3}, "$.pools.l40s"),
        ({"pools.l40s.instances": ["a", "a"]}, "$.pools.l40s"),
        ({"pools.l40s.sharing": {"kind": "hamy"}}, "$.pools.l40s"),
        ({"models.Chat": {}}, "$.models"),
        ({"models.chat.gpu": 1}, "$.models.chat"),
        ({"models.chat.replicas": {"mn": 1}}, "$.models.chat.replicas"),
        ({"budget.gpus": -1}, "$.budget.gpus"),
    ],
)
def test_the_schema_refuses_a_typo_where_it_stands(changes: dict[str, Any], path: str):
    assert [where for where, _ in errors({"config": config(changes)})] == [path]


def descriptions(node: Any) -> list[str]:
    own = [text for key, text in children(node) if key == "description" and isinstance(text, str)]
    return own + [text for _, child in children(node) for text in descriptions(child)]


def test_docstrings_become_descriptions_and_generated_titles_are_left_out():
    assert "Most GPUs the pool may own at once, in whole devices." in descriptions(SCHEMA)
    assert '"title": "Gpu Limit"' not in schema_text()


def test_every_key_but_a_tag_is_described():
    silent = {
        f"{name}.{key}"
        for name, shape in SCHEMA["$defs"].items()
        for key, value in shape["properties"].items()
        if "description" not in value and "const" not in value and "$ref" not in value
    }
    assert silent == set()


@pytest.fixture
def stale_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "schema.json"
    file.write_text("{}", "utf-8")
    monkeypatch.setattr(schema, "SCHEMA_FILE", file)
    monkeypatch.setattr("settings.__main__.SCHEMA_FILE", file)
    return file


def test_check_says_that_the_file_is_current():
    done = CliRunner().invoke(app, ["--check"])
    assert (done.exit_code, done.stdout) == (0, "settings/schema.json is current\n")


def test_check_refuses_a_stale_file_says_how_to_refresh_it_and_leaves_it(stale_file: Path):
    done = CliRunner().invoke(app, ["--check"])
    assert done.exit_code == 1
    assert "is not current; run `python -m settings` and commit it" in done.stderr
    assert stale_file.read_text("utf-8") == "{}"


def test_a_missing_file_is_not_current(stale_file: Path):
    stale_file.unlink()
    assert not is_current()


def test_without_check_the_file_is_written(stale_file: Path):
    done = CliRunner().invoke(app, [])
    assert done.exit_code == 0
    assert stale_file.read_text("utf-8") == schema_text()
    assert is_current()
