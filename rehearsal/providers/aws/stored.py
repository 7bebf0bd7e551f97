"""Between the engine's values and the files of the account: secrets stay out of the files.

A secret is kept as a marker with a salted digest: enough to see that it changed, and no more.
"""

import hashlib
import re
from typing import Any

from rehearsal.providers.values import Properties, Secret, Value

_MARKER = re.compile(r"secret:sha256:[0-9a-f]{64}")


def to_stored(properties: Properties, urn: str) -> dict[str, Any]:
    """Return `properties` as JSON for the account's file, every secret as its marker."""
    return {name: _to_stored(item, urn) for name, item in properties.items()}


def _to_stored(value: Value, urn: str) -> Any:
    match value:
        case Secret():
            return marker(value, urn)
        case list():
            return [_to_stored(item, urn) for item in value]
        case dict():
            return to_stored(value, urn)
        case _:
            return value


def from_stored(stored: Properties, current: Properties, urn: str) -> Properties:
    """Return what a file holds, with the secrets that the engine has in `current`.

    A marker that does not belong to the engine's secret (it drifted, or the resource is imported)
    stays, as a secret: it differs from any value, so that the next update sets it again.
    """
    return {name: _from_stored(item, current.get(name), urn) for name, item in stored.items()}


def _from_stored(stored: Value, current: Value, urn: str) -> Value:
    match stored, current:
        case str(), _ if _MARKER.fullmatch(stored):
            secret = current if isinstance(current, Secret) else Secret(current)
            return secret if marker(secret, urn) == stored else Secret(stored)
        case list(), _:
            known = current if isinstance(current, list) else []
            padded = [*known, *[None] * len(stored)]
            return [
                _from_stored(item, like, urn) for item, like in zip(stored, padded, strict=False)
            ]
        case dict(), _:
            return from_stored(stored, current if isinstance(current, dict) else {}, urn)
        case _:
            return stored


def marker(secret: Secret, urn: str) -> str:
    """Return what stands for `secret` in the file of the resource of `urn`."""
    digest = hashlib.sha256(f"{urn}\n{secret.value!r}".encode())
    return f"secret:sha256:{digest.hexdigest()}"
