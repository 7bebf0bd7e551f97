"""The provider's own configuration."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.layout import REHEARSAL_VARIABLE
from rehearsal.providers.kubernetes.cluster import DEFAULT_NAMESPACE
from rehearsal.providers.kubernetes.kubeconfig import Access, access, parsed
from rehearsal.providers.plugin import ProviderError
from rehearsal.providers.values import UNKNOWN, Properties, revealed

WAIT_VARIABLE = "LLM_PLATFORM_REHEARSAL_WAIT_SECONDS"
"""Environment variable: how long to wait for a resource that states no timeout of its own."""
OFFICIAL_WAIT_SECONDS = 600.0
"""The official provider's default. Source: pulumi-kubernetes provider/pkg/await."""
REHEARSAL_WAIT_SECONDS = 180.0
"""Default within a rehearsal: its pods start in seconds or never."""


@dataclass(frozen=True)
class ProviderSettings:
    """What the program configured; the names are those of `pulumi_kubernetes.Provider`."""

    reached: Access | None
    """How to reach the cluster; None while the kubeconfig is unknown (a first preview)."""
    namespace: str = DEFAULT_NAMESPACE
    delete_unreachable: bool = False
    patch_force: bool = False
    upsert_existing: bool = False
    config_map_mutable: bool = False
    secret_mutable: bool = False

    @classmethod
    def of(cls, arguments: Properties) -> "ProviderSettings":
        """Return the settings in the provider's inputs.

        Raises ProviderError when the kubeconfig is missing or unusable: a rehearsal never falls
        back to the person's own.
        """
        values = {key: _plain(value) for key, value in arguments.items()}
        reached = None
        if values.get("kubeconfig") is not UNKNOWN:
            config = kubeconfig_of(values)
            reached = access(config, values.get("context"), values.get("cluster"))
        return cls(
            reached=reached,
            namespace=_text(values.get("namespace")) or DEFAULT_NAMESPACE,
            delete_unreachable=values.get("deleteUnreachable") is True,
            patch_force=values.get("enablePatchForce") is True,
            upsert_existing=values.get("upsertExistingObjects") is True,
            config_map_mutable=values.get("enableConfigMapMutable") is True,
            secret_mutable=values.get("enableSecretMutable") is True,
        )


def kubeconfig_of(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the kubeconfig in a provider's plain inputs. Raises ProviderError without one."""
    given = values.get("kubeconfig")
    if isinstance(given, Mapping):
        return given  # pyright: ignore[reportUnknownVariableType] - JSON
    if not given:
        raise ProviderError(
            "kubernetes provider: kubeconfig is missing; pass the cluster's. "
            "The rehearsal never uses the one of your own environment"
        )
    return parsed(str(given))


def _plain(value: Any) -> Any:
    """Return a configured value; the engine passes all but strings as JSON."""
    value = revealed(value)
    if not isinstance(value, str) or value not in ("true", "false"):
        return value
    return json.loads(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def default_wait_seconds() -> float:
    """Return how long to wait for a resource that states no timeout. Raises ProviderError."""
    text = os.environ.get(WAIT_VARIABLE)
    if text is None:
        return REHEARSAL_WAIT_SECONDS if REHEARSAL_VARIABLE in os.environ else OFFICIAL_WAIT_SECONDS
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if seconds <= 0:
        raise ProviderError(f"{WAIT_VARIABLE} is {text!r}; it must be a number of seconds above 0")
    return seconds
