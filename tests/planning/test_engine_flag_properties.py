"""Whatever is written: an accepted name passes, a mangled one is refused with a near one."""

import json

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from catalog.engine_flags import EngineFlag, accepted_names, flag
from catalog.engine_releases import SELECTABLE
from planning.engine.arguments import OWNED
from planning.engine.flags import engine_findings


def value_of(found: EngineFlag) -> list[str]:
    """Return a value that the flag takes."""
    if found.kind == "bool":
        return []
    if found.choices or found.registered:
        return [(found.choices or found.registered)[0]]
    value = {"json": "{}", "json-or-string": "{}", "float": "0.5"}.get(found.kind, "1")
    return [value]


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(SELECTABLE))
def test_any_accepted_name_passes(data: st.DataObject, version: str):
    name = data.draw(st.sampled_from(sorted(accepted_names(version))))
    if data.draw(st.booleans()):
        name = "--" + name[2:].replace("-", "_") if name.startswith("--") else name
    found = flag(name, version)
    assert found
    args = [name, *value_of(found)]
    findings = engine_findings("at", args, version, {})
    assert [str(finding) for finding in findings if finding.path != "at"] == []


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(SELECTABLE))
def test_any_mangled_name_is_refused_with_a_near_one(data: st.DataObject, version: str):
    long = sorted(name for name in accepted_names(version) if len(name) > 6)
    name = data.draw(st.sampled_from(long))
    place = data.draw(st.integers(3, len(name) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    mangled = data.draw(
        st.sampled_from(
            [
                name[:place] + name[place + 1 :],
                name[:place] + letter + name[place:],
                name[:place] + letter + name[place + 1 :],
            ]
        )
    )
    assume(all(flag(mangled, release) is None for release in SELECTABLE))
    [finding] = engine_findings("at", [mangled], version, {})
    assert finding.path == "at.0"
    assert finding.problem.startswith(f"{mangled} is no flag of vLLM {version}")
    offered = finding.fix.removeprefix("did you mean ").removeprefix("write ").removesuffix("?")
    assert flag(offered, version), finding.fix


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(sorted(accepted_names(SELECTABLE[-1])))
        | st.sampled_from(["0", "-1", "8", "{}", "[]", "null", "--", "-", "=", "true"])
        | st.text(max_size=12),
        max_size=8,
    ),
    st.sampled_from(SELECTABLE),
)
def test_no_arguments_break_the_judgement(args: list[str], version: str):
    for finding in engine_findings("at", args, version, OWNED, args):
        assert json.loads(finding.model_dump_json())
