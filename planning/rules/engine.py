"""Everything that is wrong with the engine of a model: image, typed settings, further arguments."""

from collections.abc import Iterator
from dataclasses import replace

from catalog.engine_flags import SOURCE, flag
from catalog.engine_releases import PINNED, SELECTABLE
from planning.engine.arguments import OWNED, engine_arguments, rendered
from planning.engine.extras import extras_findings
from planning.engine.flags import PLUGINS, engine_findings
from planning.engine.images import engine_image_findings, version_of
from planning.engine.tokens import Given, Stray, read
from planning.engine.values import value_faults
from settings.engine import EngineSettings
from settings.finding import Finding


def engine_rules(path: str, engine: EngineSettings) -> Iterator[Finding]:
    """Yield every finding of the engine at `path`, `models.chat.engine`.

    Where the release cannot be chosen, no flag is judged: nothing is known of it.
    """
    yield from engine_image_findings(path, engine)
    yield from extras_findings(path, engine)
    version = version_of(engine.image) if engine.image else engine.version or PINNED
    if version not in SELECTABLE:
        return
    yield from _typed(path, engine, version)
    yield from engine_findings(
        f"{path}.extra_args", engine.extra_args, version, OWNED, engine_arguments(engine)
    )


def _typed(path: str, engine: EngineSettings, version: str) -> Iterator[Finding]:
    """Yield the typed settings whose value the release does not have."""
    given = {part.name for part in read(engine.extra_args) if isinstance(part, Given)}
    for argument in rendered(engine):
        for part in read(argument.tokens):
            found = flag(part.name, version) if isinstance(part, Given) else None
            if isinstance(part, Stray) or found is None:
                raise LookupError(f"{argument.field} renders to what vLLM {version} does not take")
            if PLUGINS.get(found.name) in given:
                found = replace(found, registered=())
            for problem, fix in value_faults(found, part):
                yield Finding(
                    path=f"{path}.{argument.field}",
                    problem=problem,
                    fix=fix,
                    source=f"vLLM {version}: {SOURCE}",
                )
