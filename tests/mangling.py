"""Valid environment files, mangled: what hypothesis makes of a slip of the keyboard."""

from typing import Any

import yaml
from hypothesis import strategies as st

from tests.documents import ENVIRONMENT_FILES, children, config

Path = tuple[str | int, ...]
DOCUMENTS = [config(), *(yaml.safe_load(file.read_text())["config"] for file in ENVIRONMENT_FILES)]
SCALARS = st.none() | st.booleans() | st.integers(-2, 10**10) | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(node: Any, path: Path = ()) -> list[Path]:
    return [
        path,
        *(place for step, child in children(node) for place in places(child, (*path, step))),
    ]


def at(node: Any, path: Path) -> Any:
    for step in path:
        node = node[step]
    return node


@st.composite
def mangled(draw: st.DrawFn) -> dict[str, Any]:
    """Return a valid `config:` with one to four nodes dropped, renamed or of another kind."""
    document = yaml.safe_load(yaml.safe_dump(draw(st.sampled_from(DOCUMENTS))))
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(places(document)[1:] or [()]))
        if not path:
            break
        parent, step = at(document, path[:-1]), path[-1]
        match draw(st.sampled_from(["drop", "rename", "retype", "nest"])):
            case "drop":
                del parent[step]
            case "rename" if isinstance(step, str):
                parent[draw(st.text(max_size=8))] = parent.pop(step)
            case "nest":
                parent[step] = {str(step): parent[step]}
            case _:
                parent[step] = draw(JSON)
    return document
