"""Whatever stands in the file, a person reads findings, never a traceback."""

from typing import Any

from hypothesis import HealthCheck, given, settings

from settings.environment import PLATFORM_KEY, REGION_KEY
from settings.finding import Finding
from settings.reading import read_environment
from settings.wording import SOURCE, holds
from tests.documents import children
from tests.mangling import mangled


def stands_in(document: Any, finding: Finding) -> bool:
    """Return whether the finding's path, or all of it but a missing key, leads into the file."""
    if finding.path in {REGION_KEY, PLATFORM_KEY}:
        return True
    rests: list[tuple[Any, str]] = [(document[PLATFORM_KEY], finding.path)]
    for node, rest in rests:
        if not rest or (finding.problem == "is missing" and "." not in rest):
            return True
        # A key may hold dots itself, so every key that begins the rest is followed.
        rests += [
            (child, rest[len(str(key)) + 1 :])
            for key, child in children(node)
            if rest == str(key) or rest.startswith(f"{key}.")
        ]
    return False


@given(mangled())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_mangled_document_gives_an_environment_or_findings_inside_it(document: dict[str, Any]):
    reading = read_environment("dev", document)
    assert reading.environment is not None or reading.findings
    for finding in reading.findings:
        assert finding.source == SOURCE
        assert finding.problem
        assert finding.fix
        assert stands_in(document, finding), finding


def test_a_step_into_a_text_or_beyond_a_list_is_no_place():
    assert not holds("text", 0)
    assert not holds([1], 1)
    assert not holds([1], "0")
    assert holds({"a": None}, "a")
