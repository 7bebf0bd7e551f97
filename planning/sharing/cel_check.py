"""What can be said of a CEL expression over `device` without an API server: its words.

Whether it compiles and costs less than the API allows, only the API server says, and whether it
holds for a device, only the scheduler: the types of attributes are not known before.
Source: Kubernetes 1.36, resource.k8s.io/v1, CELDeviceSelector.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from catalog.device_drivers import DeviceDriver

MOST_BYTES: Final = 10 * 1024
"""Source: Kubernetes 1.36, resource.k8s.io/v1, CELSelectorExpressionMaxLength."""
FIELDS: Final = ("driver", "attributes", "capacity", "allowMultipleAllocations")
"""What a device has in CEL."""
WORDS: Final = frozenset({"true", "false", "null", "in", "cel"})
MACROS: Final = frozenset({"all", "exists", "exists_one", "map", "filter", "bind"})
"""Those whose first argument is a name of their own."""
OPENING: Final = {"(": ")", "[": "]", "{": "}"}

TOKEN: Final = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
      | (?P<text>[rR]?(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<number>\d[\w.]*)
      | (?P<sign>[()\[\]{}.,?:!<>=&|+\-*/%])""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Slip:
    """What is wrong in an expression, and what would be right."""

    problem: str
    fix: str


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str

    @property
    def content(self) -> str:
        """Return the inside of a string."""
        return self.text.lstrip("rR")[1:-1]


_END: Final = _Token("end", "")


def slips(expression: str, driver: DeviceDriver) -> Iterator[Slip]:
    """Yield what the API server would refuse, or what no device of the driver has."""
    size = len(expression.encode())
    if size > MOST_BYTES:
        yield Slip(
            f"has {size:,} bytes, the API takes {MOST_BYTES:,}", "say it with fewer words, or apart"
        )
    tokens = list(_tokens(expression))
    if isinstance(tokens[-1], Slip):
        yield tokens[-1]
        return
    found = [token for token in tokens if isinstance(token, _Token)]
    bracket = _bracket(found)
    if bracket:
        yield bracket
        return
    yield from _roots(found)
    for index, token in enumerate(found):
        if token == _Token("name", "device") and _at(found, index - 1).text != ".":
            yield from _path(found, index, driver)


def references(expression: str) -> Iterator[tuple[str, str]]:
    """Yield the attributes and capacities that a sound expression reads: field and bare name."""
    tokens = [token for token in _tokens(expression) if isinstance(token, _Token)]
    for index, token in enumerate(tokens):
        field = _at(tokens, index + 2).text
        if token.text == "device" and field in ("attributes", "capacity"):
            _, name = _reading(tokens, index)
            if name:
                yield field, name


def _tokens(expression: str) -> Iterator[_Token | Slip]:
    position = 0
    while position < len(expression):
        match = TOKEN.match(expression, position)
        if match is None:
            rest = expression[position : position + 12]
            quote = rest[0] in "\"'"
            yield Slip(
                f"breaks off at `{rest}`: {'the quote is not closed' if quote else 'no CEL'}",
                "close the quote" if quote else "write CEL over `device`",
            )
            return
        position = match.end()
        if match.lastgroup and match.lastgroup != "space":
            yield _Token(match.lastgroup, match.group())
    yield _END


def _bracket(tokens: list[_Token]) -> Slip | None:
    """Return what is wrong with the brackets."""
    awaited: list[str] = []
    for sign in (token.text for token in tokens if token.kind == "sign"):
        if sign in OPENING:
            awaited.append(OPENING[sign])
        elif sign in OPENING.values() and (not awaited or awaited.pop() != sign):
            return Slip(f"has a `{sign}` that closes nothing", "balance the brackets")
    if awaited:
        return Slip(f"lacks a `{awaited[-1]}` at its end", "balance the brackets")
    return None


def _roots(tokens: list[_Token]) -> Iterator[Slip]:
    """Yield every name that stands for itself and is none that CEL knows here."""
    own = {
        _at(tokens, index + 2).text
        for index, token in enumerate(tokens)
        if token.text in MACROS and _at(tokens, index + 1).text == "("
    }
    known = WORDS | own | {"device"}
    for index, token in enumerate(tokens):
        called, member = _at(tokens, index + 1).text == "(", _at(tokens, index - 1).text == "."
        if token.kind == "name" and not called and not member and token.text not in known:
            yield Slip(
                f"speaks of `{token.text}`, where only `device` is known",
                f"begin with `device.`, or write '{token.text}' for a text",
            )


def _path(tokens: list[_Token], index: int, driver: DeviceDriver) -> Iterator[Slip]:
    """Yield what is wrong with one reading of `device`."""
    field = _at(tokens, index + 2)
    if _at(tokens, index + 1).text != ".":
        yield Slip("takes `device` as a whole", f"read one of its {', '.join(FIELDS)}")
        return
    if field.text not in FIELDS:
        yield Slip(f"reads `device.{field.text}`", _nearest(field.text, FIELDS, "a device has"))
        return
    known = driver.domains if field.text == "attributes" else {driver.name: driver.capacities}
    domain, name = _reading(tokens, index)
    if domain is None or field.text not in ("attributes", "capacity"):
        return
    if domain not in known:
        yield Slip(
            f"reads {field.text} of '{domain}', which the devices of the pool do not have",
            _nearest(domain, known, "there are"),
        )
    elif name is not None and name not in known[domain]:
        word = "attribute" if field.text == "attributes" else "capacity"
        homes = [other for other, names in known.items() if name in names]
        fix = f"read it of '{homes[0]}'" if homes else ""
        yield Slip(
            f"reads the {word} '{name}', which '{domain}' does not publish",
            fix or _nearest(name, known[domain], "it publishes"),
        )


def _reading(tokens: list[_Token], index: int) -> tuple[str | None, str | None]:
    """Return domain and name of `device.attributes['domain'].name`; None for what is not fixed."""
    opened, domain, after = (_at(tokens, index + step) for step in (3, 4, 6))
    if opened.text != "[" or domain.kind != "text":
        return None, None
    name = _at(tokens, index + 7)
    if after.text == "." and _at(tokens, index + 8).text != "(":
        return domain.content, name.text
    return domain.content, name.content if after.text == "[" and name.kind == "text" else None


def _nearest(word: str, known: Iterable[str], else_say: str) -> str:
    names = sorted(known)
    close = get_close_matches(word, names, n=1)
    return f"did you mean '{close[0]}'?" if close else f"{else_say} {', '.join(names)}"


def _at(tokens: list[_Token], index: int) -> _Token:
    return tokens[index] if 0 <= index < len(tokens) else _END
