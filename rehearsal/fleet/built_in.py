"""What the device plugin inside Bottlerocket is told, read from the user data of its nodes.

Source: bottlerocket.dev/en/os/1.54.x/api/settings/kubelet-device-plugins.
"""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rehearsal.api import Manifest
from rehearsal.fleet.errors import FleetError
from rehearsal.fleet.gpu_configs import BuiltIn, PluginConfig
from rehearsal.hami.objects import GPU

STRATEGIES: Final = {"time-slicing": "timeSlicing", "mps": "mps"}
"""How the plugin's own configuration names what the settings name."""
DEFAULT_REPLICAS: Final = 2
FAMILY: Final = "bottlerocket@"


def built_in(owner: str, user_data: str) -> BuiltIn:
    """Return what user data tells the device plugin; `owner` is whose it is, for a message.

    Raises:
        FleetError: it is no TOML.
    """
    try:
        document = tomllib.loads(user_data)
    except tomllib.TOMLDecodeError as problem:
        raise FleetError(f"{owner}: its user data is not what Bottlerocket reads: {problem}") from (
            problem
        )
    plugins: Mapping[str, Any] = document.get("settings", {}).get("kubelet-device-plugins", {})
    told: Mapping[str, Any] = plugins.get("nvidia", {})
    profiles: dict[str, str] = {}
    config: dict[str, Any] = {}
    if told.get("device-partitioning-strategy") == "mig":
        profiles = dict(told.get("mig", {}).get("profile", {}))
        config = {"flags": {"migStrategy": "single"}}
    elif (strategy := told.get("device-sharing-strategy")) in STRATEGIES:
        asked: Mapping[str, Any] = told.get(strategy, {})
        resource = {"name": GPU, "replicas": asked.get("replicas", DEFAULT_REPLICAS)}
        slicing = {
            "renameByDefault": asked.get("rename-by-default", True),
            "resources": [resource],
        }
        config = {"sharing": {STRATEGIES[strategy]: slicing}}
    return BuiltIn(plugin=PluginConfig.model_validate(config), profiles=profiles)


def of_node_classes(node_classes: Sequence[Manifest]) -> dict[str, BuiltIn]:
    """Return what the EC2NodeClasses of Bottlerocket say, by their name, which is the pool's.

    Raises:
        FleetError: one of them cannot be read.
    """
    return {
        found["metadata"]["name"]: built_in(
            f"EC2NodeClass {found['metadata']['name']}", found["spec"].get("userData", "")
        )
        for found in node_classes
        if any(
            term.get("alias", "").startswith(FAMILY)
            for term in found["spec"].get("amiSelectorTerms", [])
        )
    }
