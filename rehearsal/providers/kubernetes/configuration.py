"""The provider as a resource: is its configuration usable, and does a change need a new one."""

from typing import Any

from pulumi.runtime.proto import provider_pb2

from rehearsal.providers.differences import Difference, diff_response, differences
from rehearsal.providers.kubernetes.kubeconfig import access
from rehearsal.providers.kubernetes.settings import ProviderSettings, kubeconfig_of
from rehearsal.providers.plugin import ProviderError
from rehearsal.providers.values import UNKNOWN, Properties, revealed

IDENTIFIER = "clusterIdentifier"
ADDRESS = ("kubeconfig", "context", "cluster")
"""Inputs that decide which cluster is meant."""


def config_failures(inputs: Properties) -> list[tuple[str, str]]:
    """Return (property, reason) of what makes the provider's inputs unusable."""
    try:
        ProviderSettings.of(inputs)
    except ProviderError as error:
        return [("kubeconfig", str(error))]
    return []


def config_diff(old: Properties, new: Properties) -> provider_pb2.DiffResponse:
    """Return the answer to DiffConfig, as the official provider gives it.

    Another cluster is another provider, and its resources are made anew there; so is one that is
    not known yet. Another token, or any other setting, is an update.
    """
    found = differences(old, new)
    replacing = _replacing(old, new)

    def replaces(difference: Difference) -> bool:
        return difference.top in replacing

    return diff_response(found, replaces=replaces)


def _replacing(old: Properties, new: Properties) -> tuple[str, ...]:
    before, after = revealed(old.get(IDENTIFIER)), revealed(new.get(IDENTIFIER))
    if before and after:
        return () if before == after else (IDENTIFIER,)
    if any(revealed(new.get(key)) is UNKNOWN for key in ADDRESS):
        return ADDRESS
    return () if _cluster(old) == _cluster(new) else ADDRESS


def _cluster(inputs: Properties) -> Any:
    values: dict[str, Any] = {key: revealed(value) for key, value in inputs.items()}
    try:
        reached = access(kubeconfig_of(values), values.get("context"), values.get("cluster"))
    except ProviderError:
        return None  # Configure says what is wrong with it
    return reached.cluster
