"""The inputs of a Helm release, made complete and looked at.

Source of keys and defaults: pulumi-kubernetes provider/pkg/provider/helm_release.go.
"""

import secrets

from rehearsal.providers.kubernetes.manifests import plain
from rehearsal.providers.values import Properties

LONGEST_NAME = 53
"""Characters of a release's name. Source: helm.sh/helm pkg/chartutil/validate_name.go."""
DEFAULT_TIMEOUT_SECONDS = 300
IDENTITY = ("name", "namespace")
"""Inputs whose change is another release."""
IGNORED = ("compat", "resourceNames")
"""Inputs that the SDK adds and the official provider drops."""


def checked(old: Properties, new: Properties, *, logical_name: str, namespace: str) -> Properties:
    """Return the inputs `new` with the official defaults; a generated name in `old` is kept."""
    inputs: Properties = {k: v for k, v in new.items() if v is not None and k not in IGNORED}
    if not inputs.get("name"):
        inputs["name"] = old.get("name") or f"{logical_name}-{secrets.token_hex(4)}"
    if not inputs.get("namespace"):
        inputs["namespace"] = namespace
    if inputs.get("skipAwait") is not True:
        inputs.setdefault("timeout", DEFAULT_TIMEOUT_SECONDS)
    return inputs


def failures(inputs: Properties) -> list[tuple[str, str]]:
    """Return (property, reason) of what is wrong with checked inputs."""
    release = plain(inputs)
    found: list[tuple[str, str]] = []
    if not release.get("chart"):
        found.append(("chart", "chart is missing; name one, or give its oci:// address"))
    name = release["name"]
    if isinstance(name, str) and len(name) > LONGEST_NAME:
        found.append(("name", f"{name!r} is longer than Helm's {LONGEST_NAME} characters"))
    return found
