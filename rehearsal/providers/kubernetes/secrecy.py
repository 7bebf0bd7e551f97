"""What must not be read: secret inputs stay secret in outputs, and out of messages."""

import base64
import binascii
from collections.abc import Generator, Iterator
from contextlib import contextmanager

from rehearsal.providers.plugin import InitializationError, ProviderError
from rehearsal.providers.values import Properties, Secret, Value, revealed

SECRET_FIELDS = ("data", "stringData")
"""The fields of a `v1/Secret` that are secret, whatever the program says."""
SHORTEST_REDACTED = 4
"""Characters; a shorter secret cannot be told from ordinary text."""
REDACTED = "[secret]"


def sealed(value: Value, pattern: Value) -> Value:
    """Return `value` with every part secret that is secret in `pattern`.

    A list is sealed as a whole when `pattern` has a secret in it: the server may reorder it.
    """
    match pattern, value:
        case _, Secret():
            return value
        case Secret(), _:
            return Secret(value)
        case dict(), dict():
            return {key: sealed(item, pattern.get(key)) for key, item in value.items()}
        case list(), _ if any(_secrets(pattern)):
            return Secret(value)
        case _:
            return value


def sealed_object(manifest: Properties, pattern: Properties) -> Properties:
    """Return the object `manifest` with its secret parts sealed: a Secret's data always is."""
    result = {key: sealed(item, pattern.get(key)) for key, item in manifest.items()}
    if manifest.get("kind") == "Secret":
        for field in SECRET_FIELDS:
            if field in result and not isinstance(result[field], Secret):
                result[field] = Secret(revealed(result[field]))
    return result


def _secrets(value: Value) -> Iterator[Secret]:
    match value:
        case Secret():
            yield value
        case dict():
            for item in value.values():
                yield from _secrets(item)
        case list():
            for item in value:
                yield from _secrets(item)
        case _:
            return


def _texts(value: Value) -> Iterator[str]:
    match value:
        case Secret(inner):
            yield from _texts(inner)
        case dict():
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)
        case str():
            yield value
            yield base64.b64encode(value.encode()).decode()
            try:
                yield base64.b64decode(value, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError, ValueError):
                return
        case int() | float() if not isinstance(value, bool):
            yield str(value)
        case _:
            return


class Redactor:
    """Takes the secrets of some inputs, plain and in base64, out of texts for people."""

    def __init__(self, *inputs: Properties) -> None:
        found = (text for each in inputs for secret in _all(each) for text in _texts(secret))
        kept = {text for text in found if len(text) >= SHORTEST_REDACTED}
        self._texts = sorted(kept, key=len, reverse=True)

    def text(self, text: str) -> str:
        """Return `text` without a secret in it."""
        for secret in self._texts:
            text = text.replace(secret, REDACTED)
        return text

    @contextmanager
    def errors(self) -> Generator[None]:
        """Redact the `ProviderError`s that are raised inside."""
        try:
            yield
        except ProviderError as error:
            error.args = (self.text(str(error)),)
            if isinstance(error, InitializationError):
                error.detail.reasons[:] = [self.text(text) for text in error.detail.reasons]
            error.__cause__ = None  # its text is not redacted
            raise


def _all(inputs: Properties) -> Iterator[Secret]:
    yield from _secrets(sealed_object(inputs, inputs))
