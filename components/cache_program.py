"""Keeps one folder of a volume and removes all others: `python -c TEXT VOLUME FOLDER`.

It runs inside of images, before the engine, with its own text, and needs nothing but Python.
"""

import shutil
import sys
from pathlib import Path

OF_THE_FILE_SYSTEM = "lost+found"


def keep(volume: Path, folder: str) -> list[str]:
    """Remove what is not in `folder`; return the names of what went.

    Errors: OSError where something cannot be removed; the pod says so and starts again.
    """
    others = [found for found in volume.iterdir() if found.name not in {folder, OF_THE_FILE_SYSTEM}]
    for found in others:
        if found.is_dir() and not found.is_symlink():
            shutil.rmtree(found)
        else:
            found.unlink()
    return sorted(found.name for found in others)


if __name__ == "__main__":
    for name in keep(Path(sys.argv[1]), sys.argv[2]):
        sys.stdout.write(f"removed {name}\n")
