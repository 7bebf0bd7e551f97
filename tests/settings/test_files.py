from collections.abc import Callable
from pathlib import Path

import pytest

from settings.files import read_config, stack_of
from settings.finding import RefusedError

Write = Callable[[str | bytes], Path]


@pytest.fixture
def written(tmp_path: Path) -> Write:
    def write(text: str | bytes) -> Path:
        file = tmp_path / "Pulumi.dev.yaml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return write


def refusal(file: Path) -> tuple[str, str, str]:
    with pytest.raises(RefusedError) as refused:
        read_config(file)
    (finding,) = refused.value.findings
    assert finding.source == "the YAML file itself"
    return finding.path, finding.problem, finding.fix


def test_the_config_mapping_is_returned_with_keys_as_in_the_file(written: Write):
    file = written("encryptionsalt: v1:abc\nconfig:\n  aws:region: us-west-2\n  a: {b: [1]}\n")
    assert read_config(file) == {"aws:region": "us-west-2", "a": {"b": [1]}}


def test_a_key_that_is_no_text_becomes_text_as_it_would_on_its_way_through_the_engine(
    written: Write,
):
    assert read_config(written("config: {1: {2: a}, b: [{3: c}]}")) == {
        "1": {"2": "a"},
        "b": [{"3": "c"}],
    }


def test_merge_keys_and_anchors_are_yaml_too(written: Write):
    text = "config:\n  a: &a {x: 1, y: 2}\n  b: {<<: *a, y: 3}\n"
    assert read_config(written(text))["b"] == {"x": 1, "y": 3}


TABLE = [
    ("config: {}\nconfig: {}\n", "line 2, column 1: the key `config` stands twice"),
    ("config:\n  a: 1\n  b: {c: 1, c: 2}\n", "line 3, column 13: the key `c` stands twice"),
    ("config: {1: a, '1': b}", "line 1, column 16: the key `1` stands twice"),
    ("config: [1\n", "line 2, column 1: expected ',' or ']', but got '<stream end>'"),
    ("config: {[a]: b}", "line 1, column 10: found unhashable key"),
    ("config: !!python/object:os.system {}", "line 1, column 9: could not determine a constructor"),
]


@pytest.mark.parametrize(("text", "problem"), TABLE, ids=range(len(TABLE)))
def test_what_is_not_yaml_is_refused_with_line_and_column(written: Write, text: str, problem: str):
    path, found, fix = refusal(written(text))
    assert (path, fix) == ("Pulumi.dev.yaml", "mend the YAML there")
    assert found.startswith(problem)


@pytest.mark.parametrize(
    "text",
    [b"config: \xff", b"config: \x01", b"config: {a: 2026-13-45}", b"config: " + b"9" * 5000],
)
def test_what_cannot_be_read_as_text_is_refused(written: Write, text: str | bytes):
    _, problem, fix = refusal(written(text))
    assert problem.startswith("is not YAML: ")
    assert fix == "write it as text in UTF-8"


@pytest.mark.parametrize("text", ["config: &a [*a]", "config: " + "[" * 1200])
def test_nesting_without_end_is_refused(written: Write, text: str | bytes):
    assert refusal(written(text))[1] == "is nested without end"


@pytest.mark.parametrize("text", ["", "a: 1", "config:", "config: [1]", "- config", "just words"])
def test_a_file_without_config_is_refused(written: Write, text: str | bytes):
    assert refusal(written(text))[1:] == ("has no `config:` mapping", "start it with `config:`")


def test_a_missing_file_and_a_folder_are_refused_by_their_name(tmp_path: Path):
    path, problem, fix = refusal(tmp_path / "Pulumi.none.yaml")
    assert (path, problem) == ("Pulumi.none.yaml", "cannot be read: No such file or directory")
    assert fix == "name a file"
    assert refusal(tmp_path)[1] == "cannot be read: Is a directory"


def test_the_stack_is_named_by_the_file():
    assert stack_of(Path("somewhere/Pulumi.dev.yaml")) == "dev"
    assert stack_of(Path("Pulumi.eu-prod.yaml")) == "eu-prod"
