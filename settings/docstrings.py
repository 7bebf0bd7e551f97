"""What a settings model says of its fields, read from its source when somebody asks for it.

pydantic can do so itself, at every import of every model (`use_attribute_docstrings`): that took a
sixth of a second of every command.
"""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from inspect import cleandoc, getsource

from pydantic import BaseModel


def field_docstrings(model: type[BaseModel]) -> dict[str, str]:
    """Return the docstring below each field of a model, or of the model it inherits it from."""
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        found |= _of_module(each.__module__).get(each.__name__, {})
    return found


@cache
def _of_module(name: str) -> dict[str, dict[str, str]]:
    """Return the docstrings of a module's classes, by class and field."""
    if not name.startswith(__package__ or ""):
        return {}
    tree = ast.parse(getsource(sys.modules[name]))
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    return {each.name: dict(_of_class(each)) for each in classes}


def _of_class(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, text in zip(node.body, node.body[1:], strict=False):
        match field, text:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(said))),
            ):
                yield name, cleandoc(said)
            case _:
                pass
