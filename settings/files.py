"""Reading an environment file from disk; the engine reads the same file by itself."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any, cast

import yaml

from settings.finding import Finding, RefusedError

MERGE_TAG = "tag:yaml.org,2002:merge"


class UniqueKeyLoader(yaml.SafeLoader):
    """YAML as the engine reads it: a key that stands twice is an error, not the last one wins."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 -- PyYAML's own signature
        """Return the mapping.

        Raises:
            yaml.MarkedYAMLError: a key stands twice.
        """
        keys: set[str] = set()
        for key_node, _ in node.value:
            if key_node.tag == MERGE_TAG:
                continue
            # As text: JSON, through which the engine hands the file on, has no other keys.
            key = str(cast("Any", self).construct_object(key_node))
            if key in keys:
                raise yaml.MarkedYAMLError(
                    problem=f"the key `{key}` stands twice", problem_mark=key_node.start_mark
                )
            keys.add(key)
        return super().construct_mapping(node, deep)


def stack_of(path: Path) -> str:
    """Return the stack's name of `Pulumi.<stack>.yaml`."""
    return path.name.removeprefix("Pulumi.").removesuffix(".yaml")


def read_config(path: Path) -> dict[str, Any]:
    """Return the `config:` mapping of an environment file.

    Raises:
        RefusedError: the file is missing, is not YAML, or has no `config:`.
    """
    try:
        document = _with_text_keys(yaml.load(path.read_text("utf-8"), Loader=UniqueKeyLoader))  # noqa: S506 -- a SafeLoader
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}", "name a file") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise _refused(path, f"{where}{error.problem}", "mend the YAML there") from None
    except RecursionError:
        raise _refused(path, "is nested without end", "write it flat, without anchors") from None
    except (yaml.YAMLError, ValueError) as error:
        # A date that does not exist, a control character, or bytes that are no UTF-8.
        raise _refused(path, f"is not YAML: {error}", "write it as text in UTF-8") from None
    mapping = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
    config = mapping.get("config")
    if not isinstance(config, dict):
        raise _refused(path, "has no `config:` mapping", "start it with `config:`")
    return cast("dict[str, Any]", config)


def _with_text_keys(node: Any) -> Any:
    """Return what JSON would make of a document: every key is text."""
    if isinstance(node, dict):
        items = cast("dict[Any, Any]", node).items()
        return {str(key): _with_text_keys(value) for key, value in items}
    if isinstance(node, list):
        return [_with_text_keys(item) for item in cast("list[Any]", node)]
    return node


def _refused(path: Path, problem: str, fix: str) -> RefusedError:
    return RefusedError(
        [Finding(path=path.name, problem=problem, fix=fix, source="the YAML file itself")]
    )
