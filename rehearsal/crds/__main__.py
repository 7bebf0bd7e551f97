"""Write the excerpts: `python -m rehearsal.crds SOURCE_FOLDER`.

SOURCE_FOLDER has one folder of definitions (YAML) per project, and `SOURCES.tsv` with the columns
folder, `owner/repository@version:path`.
"""

import sys
from pathlib import Path
from typing import Any

import yaml

from rehearsal.crds import EXCERPTS
from rehearsal.crds.excerpt import compact_json, excerpt

CHARTS: dict[str, dict[str, str]] = {
    "karpenter-crd": {"karpenter": "*", "karpenter-aws": "*"},
    "cert-manager": {"cert-manager": "*"},
    "keda": {"keda": "keda.sh_*"},
    "cloudnative-pg": {"cloudnative-pg": "*"},
    "dra-driver-nvidia-gpu": {"dra-driver-nvidia-gpu": "*"},
    "external-secrets": {"external-secrets": "external-secrets.io_[ce]*"},
    "lws": {"lws": "*"},
}
"""Chart -> source folder -> the files that are taken: what the program's releases need."""


def rendered(source_folder: Path) -> dict[Path, str]:
    """Return every excerpt as text, by its path under `rehearsal/crds`.

    Raises FileNotFoundError without `SOURCES.tsv`, KeyError when that lacks a folder.
    """
    sources = _sources(source_folder / "SOURCES.tsv")
    return {
        Path(chart) / f"{definition['metadata']['name']}.json": compact_json(
            excerpt(definition, f"{sources[folder]}/{file.name}")
        )
        + "\n"
        for chart, folders in CHARTS.items()
        for folder, files in folders.items()
        for file in sorted((source_folder / folder).glob(files))
        for definition in [_definition(file)]
    }


def _sources(table: Path) -> dict[str, str]:
    rows = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines())
    return {row[0]: row[1] for row in rows}


def _definition(file: Path) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    documents = yaml.load_all(file.read_text(encoding="utf-8"), Loader=loader)
    (definition,) = (document for document in documents if document)
    return definition


def main(arguments: list[str]) -> int:
    """Write the excerpts of the folder named in `arguments` and remove stale ones; 2 on misuse."""
    if len(arguments) != 1 or not (Path(arguments[0]) / "SOURCES.tsv").is_file():
        sys.stderr.write("usage: python -m rehearsal.crds SOURCE_FOLDER (one with SOURCES.tsv)\n")
        return 2
    files = rendered(Path(arguments[0]))
    for stale in {path.relative_to(EXCERPTS) for path in EXCERPTS.glob("*/*.json")} - files.keys():
        (EXCERPTS / stale).unlink()
    for path, text in files.items():
        (EXCERPTS / path).parent.mkdir(exist_ok=True)
        (EXCERPTS / path).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(files)} excerpts, {sum(map(len, files.values())) // 1024} KiB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
