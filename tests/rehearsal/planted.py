"""Secrets that are planted to be looked for."""

import base64
import json
from pathlib import Path

from settings.secrets import MASTER_KEY, SALT_KEY
from tests.rehearsal.rehearsed import Rehearsed

PLANTED = {
    MASTER_KEY.key: "sk-planted-master-key-that-nobody-may-see",
    SALT_KEY.key: "planted-salt-key-that-nobody-may-see",
}
ENCODED = tuple(base64.b64encode(value.encode()).decode() for value in PLANTED.values())
"""As the cluster holds them."""


def assert_in_use(stack: Rehearsed) -> None:
    """Fail where the cluster does not hold them."""
    held = json.dumps(stack.kubectl().get("secret", "-n", "gateway"))
    assert all(word in held for word in ENCODED), "the planted secrets are not in use"


def where_told(stack: Rehearsed, folder: Path) -> list[str]:
    """Return the files of the stack, and of what its commands said in `folder`, that tell one."""
    layout, words = stack.layout, (*PLANTED.values(), *ENCODED)
    texts = {
        str(path): path.read_text(errors="replace")
        for root in (layout.root, folder)
        for path in root.rglob("*")
        # The cluster itself holds them, as any cluster does.
        if path.is_file() and layout.control_plane / "etcd" not in path.parents
    }
    for part in (layout.logs, layout.state, layout.cloud, layout.project, folder / "command-"):
        assert any(path.startswith(str(part)) for path in texts), part
    return [path for path, text in texts.items() if any(word in text for word in words)]
