"""Kubernetes quantities. Source: kubernetes.io/docs/reference/kubernetes-api, Quantity."""

from decimal import Decimal
from typing import Final

SUFFIXES: Final = {
    "m": Decimal("0.001"),
    "k": Decimal(10) ** 3,
    "M": Decimal(10) ** 6,
    "G": Decimal(10) ** 9,
    "T": Decimal(10) ** 12,
    "Ki": Decimal(2) ** 10,
    "Mi": Decimal(2) ** 20,
    "Gi": Decimal(2) ** 30,
    "Ti": Decimal(2) ** 40,
}


def quantity(text: str | int) -> Decimal:
    """Return the number that `text` means: `500m` is 0.5, `1Gi` is 2**30."""
    written = str(text)
    number = written.rstrip("kmKMGTi")
    suffix = written[len(number) :]
    return Decimal(number) * (SUFFIXES[suffix] if suffix else 1)
