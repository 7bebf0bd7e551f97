"""What the device plugin and the MIG manager of the GPU Operator are told, node by node.

Sources: NVIDIA/cloud-native-docs, gpu-operator/gpu-sharing.rst and gpu-operator-mig.rst;
NVIDIA/k8s-device-plugin, README.md; NVIDIA/gpu-operator v26.3.3, controllers/object_controls.go.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from planning.pools.facts import PoolFacts
from planning.sharing.mig import Mig
from planning.sharing.slices import Slices
from planning.sharing.whole import GPU_RESOURCE
from planning.specs.base import DOMAIN, PLUGIN_CONFIG_LABEL
from planning.specs.pools import ConfigMapSpec

CONFIG_LABEL = f"{DOMAIN}/config"
"""Label of such a ConfigMap, whose name changes with what it says."""
PLUGIN_CONFIGS = "device-plugin-configs"
MIG_CONFIGS = "mig-configs"
WHOLE = "whole"
"""Configuration of nodes that name none."""
MIG_DISABLED = "all-disabled"
"""Layout that the operator gives every node with a GPU for MIG that names none."""
MIG_CONFIG_FILE = "config.yaml"
"""The key that the MIG manager reads."""


@dataclass(frozen=True, kw_only=True)
class PluginConfiguration:
    """ConfigMaps, and the values of the GPU Operator's chart that name them."""

    config_maps: tuple[ConfigMapSpec, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])


def plugin_configuration(pools: Iterable[PoolFacts]) -> PluginConfiguration:
    """Return what pools of slices and of MIG need; nothing where there is none.

    A device plugin that is part of the node's image reads none of this.

    A node says by its labels which configuration is its own. Nobody watches these ConfigMaps: one
    that says something else has another name, so that the DaemonSets which mount it start anew.
    """
    known = tuple(pool for pool in pools if not pool.image.has_device_plugin)
    configs = _plugin_configs(known)
    if not configs:
        return PluginConfiguration()
    plugin = ConfigMapSpec(
        prefix=PLUGIN_CONFIGS, labels={CONFIG_LABEL: "device-plugin"}, data=configs
    )
    values: dict[str, Any] = {
        "devicePlugin": {"config": {"name": plugin.name, "default": WHOLE}},
    }
    cut = [(pool.way, pool) for pool in known if isinstance(pool.way, Mig)]
    if not cut:
        return PluginConfiguration(config_maps=(plugin,), values=values)
    layouts = {way.config_name: way.layout(pool.first) for way, pool in cut}
    mig = ConfigMapSpec(
        prefix=MIG_CONFIGS,
        labels={CONFIG_LABEL: "mig"},
        data={MIG_CONFIG_FILE: _layouts(layouts)},
    )
    strategies = {way.strategy for way, _ in cut}
    values |= {
        # The environment of every DaemonSet: it wins over what a node's configuration says.
        "mig": {"strategy": strategies.pop()},
        "migManager": {
            "config": {"name": mig.name, "default": MIG_DISABLED},
            # A cloud's machine does not reset its GPUs; only a reboot turns MIG on.
            "env": [{"name": "WITH_REBOOT", "value": "true"}],
        },
    }
    return PluginConfiguration(config_maps=(plugin, mig), values=values)


def _plugin_configs(pools: Iterable[PoolFacts]) -> dict[str, str]:
    """Return the configurations in use by key, the default first; none without slices and MIG."""
    configs: dict[str, str] = {}
    for way in (pool.way for pool in pools):
        if isinstance(way, Slices):
            configs[way.config_key] = _plugin_config("none", {way.mechanism: _slices(way)})
        elif isinstance(way, Mig):
            key = way.further_labels()[PLUGIN_CONFIG_LABEL]
            configs[key] = _plugin_config(way.strategy, {})
    return {WHOLE: _plugin_config("none", {}), **configs} if configs else {}


def _plugin_config(mig_strategy: str, sharing: dict[str, Any]) -> str:
    config = {"version": "v1", "flags": {"migStrategy": mig_strategy}}
    return _yaml(config | ({"sharing": sharing} if sharing else {}))


def _slices(way: Slices) -> dict[str, Any]:
    """Return the slices of every GPU; a container that asks for two of them is turned away."""
    return {
        "renameByDefault": False,
        "failRequestsGreaterThanOne": True,
        "resources": [{"name": GPU_RESOURCE, "replicas": way.replicas}],
    }


def _layouts(layouts: Mapping[str, dict[str, int]]) -> str:
    """Return the MIG manager's file; a custom one has no layout that it does not name itself."""
    entries = {
        MIG_DISABLED: {"mig-enabled": False},
        **{
            name: {"mig-enabled": True, "mig-devices": dict(sorted(layout.items()))}
            for name, layout in sorted(layouts.items())
        },
    }
    named = {name: [{"devices": "all", **entry}] for name, entry in entries.items()}
    return _yaml({"version": "v1", "mig-configs": named})


def _yaml(document: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(document), sort_keys=False)
