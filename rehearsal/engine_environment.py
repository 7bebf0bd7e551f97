"""The environment variables under which the engine, and any `pulumi`, works on a rehearsal."""

import os
import shutil
from pathlib import Path
from typing import Final

from rehearsal.layout import REHEARSAL_VARIABLE, REPOSITORY, TOOLS, Layout
from rehearsal.project import passphrase_file

PLUGINS: Final = REPOSITORY / "rehearsal" / "plugins"
KUBERNETES_PLUGIN: Final = "pulumi-resource-kubernetes"
HOME_VARIABLE: Final = "PULUMI_HOME"
PASSPHRASE_VARIABLE: Final = "PULUMI_CONFIG_PASSPHRASE"  # noqa: S105 -- a variable's name


def engine_environment(layout: Layout) -> dict[str, str]:
    """Return what to set, so that the engine finds state, plugins and rehearsal of `layout`."""
    folders = [TOOLS / "bin", PLUGINS / "bin", PLUGINS / "aws", _kubernetes_plugin_folder()]
    return {
        "PATH": os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")]),
        # Without a checksum and a content type beside each file, which nobody reads.
        "PULUMI_BACKEND_URL": f"{layout.state.absolute().as_uri()}?metadata=skip",
        # A copy per update: what a killed engine needs lies beside the state itself.
        "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
        f"{PASSPHRASE_VARIABLE}_FILE": str(passphrase_file(layout).absolute()),
        HOME_VARIABLE: str(layout.root.absolute() / "pulumi"),
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        REHEARSAL_VARIABLE: str(layout.root.absolute()),
    }


def forget_own_settings() -> None:
    """Drop the person's own settings of `pulumi` from this process: a rehearsal obeys none.

    A passphrase, a backend or an option of theirs would otherwise win over the rehearsal's.
    """
    for name in [name for name in os.environ if name.startswith("PULUMI_")]:
        if name != HOME_VARIABLE:  # where an official plugin may be
            del os.environ[name]


def official_kubernetes_plugin() -> Path | None:
    """Return the official plugin, from PATH or the engine's plugin folder, or None."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    others = [folder for folder in folders if PLUGINS not in Path(folder).parents]
    if on_path := shutil.which(KUBERNETES_PLUGIN, path=os.pathsep.join(others)):
        return Path(on_path)
    home = Path(os.environ.get(HOME_VARIABLE, Path.home() / ".pulumi"))
    installed = (home / "plugins").glob(f"resource-kubernetes-v*/{KUBERNETES_PLUGIN}")
    return max(installed, key=lambda path: _version(path.parent.name), default=None)


def _kubernetes_plugin_folder() -> Path:
    """Return the folder of the plugin to use: the official one, or ours where there is none."""
    official = official_kubernetes_plugin()
    return PLUGINS / "kubernetes" if official is None else official.parent


def _version(folder: str) -> tuple[int, ...]:
    numbers = folder.rpartition("-v")[2].split(".")
    return tuple(int(number) for number in numbers if number.isdecimal())
