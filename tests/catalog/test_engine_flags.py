import json
from pathlib import Path
from typing import Any

import pytest

from catalog import refresh_vllm
from catalog.engine_flag_removals import REMOVALS, removal
from catalog.engine_flags import (
    VERSIONS,
    accepted_names,
    completions,
    first_version,
    flag,
    nearest,
    spelled,
)
from catalog.engine_releases import release_number
from catalog.refresh_vllm import changes, main, unexplained

DATA = Path(__file__).resolve().parents[2] / "catalog" / "vllm_args.json"
COLLECTED = Path(__file__).resolve().parents[3] / "shared" / "data" / "vllm-args.json"
"""The arguments as they were collected apart, present where the project is developed."""


def test_the_data_is_small_dated_and_sourced():
    told = json.loads(DATA.read_text("utf-8"))
    assert DATA.stat().st_size < 300 * 1024
    assert (told["read"], told["source"].startswith("PyPI: ")) == ("2026-11-21", True)


def collected_names() -> dict[str, set[str]]:
    """Return the long names of each release, of the collection."""
    told = json.loads(COLLECTED.read_text("utf-8"))
    names = set(told["accepted_names_base"]["names"])
    found: dict[str, set[str]] = {}
    for change in told["accepted_names_deltas"]:
        names = (names | set(change["added"])) - set(change["removed"])
        found[change["version"]] = names - {"--help"}
    return found


def test_the_releases_are_those_of_the_data():
    data = json.loads(DATA.read_text("utf-8"))
    assert tuple(data["versions"]) == VERSIONS


@pytest.mark.parametrize("version", VERSIONS)
def test_the_names_are_those_that_were_collected_apart(version: str):
    long = {name for name in accepted_names(version) if name.startswith("--")}
    assert {"--max-model-len", "--enable-lora", "--no-enable-lora"} <= long
    if COLLECTED.exists():
        assert long == collected_names()[version]


def test_choices_defaults_and_negations_are_those_that_were_collected_apart():
    assert flag("--dtype", VERSIONS[-1])
    if not COLLECTED.exists():
        return
    for told in json.loads(COLLECTED.read_text("utf-8"))["args"]:
        if not told.get("positional"):
            found = flag(told["name"], "0.33.0")
            assert found, told["name"]
            assert found.default == told["default"], told["name"]
            assert list(found.choices) == [str(choice) for choice in told.get("choices", [])]
            assert sorted(found.off) == sorted(told.get("negations", []))


@pytest.mark.parametrize(
    ("name", "version", "kind"),
    [
        ("--max_model_len", "0.33.0", "size-or-auto"),
        ("--max-num-batched-tokens", "0.19.1", "size"),
        ("--tensor-parallel-size", "0.25.1", "int"),
        ("-tp", "0.25.1", "int"),
        ("--gpu-memory-utilization", "0.33.0", "float"),
        ("--enable-lora", "0.33.0", "bool"),
        ("--disable-log-stats", "0.33.0", "bool"),
        ("--compilation-config", "0.33.0", "json"),
        ("--hf-overrides", "0.33.0", "json-or-string"),
        ("--moe-backend", "0.33.0", "word"),
        ("--served-model-name", "0.33.0", "string"),
    ],
)
def test_a_flag_has_the_type_its_parser_gives_it(name: str, version: str, kind: str):
    found = flag(name, version)
    assert found
    assert found.kind == kind


def test_a_default_is_that_of_the_release():
    history = {version: flag("--gpu-memory-utilization", version) for version in VERSIONS}
    assert {version: found.default for version, found in history.items() if found} == {
        version: 0.9 if version == "0.19.1" else 0.92 for version in VERSIONS
    }


def test_every_release_negates_with_no_and_the_newest_with_disable_too():
    old, new = flag("--enable-lora", "0.32.0"), flag("--enable-lora", "0.33.0")
    assert old
    assert new
    assert old.off == ("--no-enable-lora",)
    assert new.off == ("--disable-lora", "--no-enable-lora")
    assert flag("--disable-log-requests", "0.32.0") is None
    assert flag("--disable-log-requests", "0.33.0") == flag("--enable-log-requests", "0.33.0")


def test_parsers_are_those_that_the_release_registers():
    def parsers(version: str) -> set[str]:
        found = flag("--reasoning-parser", version)
        assert found
        return set(found.registered)

    assert "glm47" not in parsers("0.19.1")
    assert {"qwen3", "kimi_k2"} <= parsers("0.19.1") & parsers("0.33.0")


def test_bounds_keys_and_many_values_are_known():
    utilization, eplb = flag("--gpu-memory-utilization", "0.33.0"), flag("--eplb-config", "0.33.0")
    assert utilization
    assert eplb
    assert utilization.bounds == {"gt": 0, "le": 1}
    assert {"window_size", "step_interval"} <= set(eplb.keys)
    modules = flag("--lora-modules", "0.33.0")
    assert modules
    assert modules.many == "+"


def test_a_name_is_read_as_the_parser_reads_it():
    assert spelled("--compilation_config.pass_config") == "--compilation-config.pass_config"
    assert spelled("-tp") == "-tp"


def test_the_next_release_the_nearest_name_and_what_a_short_name_means():
    assert first_version("--max-num-queued-reqs", after="0.28.0") == "0.29.0"
    assert first_version("--swap-space", after="0.19.1") is None
    assert nearest("--max-model-length", "0.33.0") == "--max-model-len"
    assert nearest("--zzzzzzzzzzzz", "0.33.0") is None
    assert completions("--tensor", "0.33.0") == ("--tensor-parallel-size",)
    assert completions("--", "0.33.0") == ()
    assert completions("-t", "0.33.0") == ()


def test_a_release_that_is_not_known_is_refused_with_the_known_ones():
    with pytest.raises(KeyError, match=r"vLLM 0\.19\.0 are not known; known are 0\.19\.1, .*0\.33"):
        accepted_names("0.19.0")


def test_what_replaces_a_flag_is_taken_by_every_release_without_it():
    for gone in REMOVALS:
        without = [version for version in VERSIONS if flag(gone.name, version) is None]
        assert without, gone.name
        for name in (word.rstrip(".,:;") for word in gone.instead.split() if "--" in word):
            head, _, key = name.partition(".")
            for version in without:
                found = flag(head, version)
                assert found, f"{gone.name}: {name} is no flag of {version}"
                assert not key or key in found.keys, f"{gone.name}: {name} in {version}"


def test_removals_are_ordered_told_once_and_found_by_their_negation():
    names = [gone.name for gone in REMOVALS]
    assert names == sorted(set(names))
    assert all(release_number(gone.last) < release_number(gone.gone) for gone in REMOVALS)
    assert removal("--no-calculate-kv-scales") == removal("--calculate-kv-scales")
    assert removal("--max-model-len") is None


def test_every_flag_that_the_collection_calls_removed_has_its_replacement():
    if COLLECTED.exists():
        told = json.loads(COLLECTED.read_text("utf-8"))["removed"]
        assert {
            gone["name"]: (gone["last_seen"], gone["absent_from"]) for gone in told
        }.items() <= {gone.name: (gone.last, gone.gone) for gone in REMOVALS}.items()
    assert {"--swap-space", "--max-paddings", "--disable-log-requests"} <= {
        gone.name for gone in REMOVALS
    }


def test_only_what_a_release_changed_is_told():
    int_, text = {"kind": "int", "default": None}, {"kind": "string", "default": None}
    history: dict[str, Any] = {"1": None, "2": int_, "3": int_, "4": text, "5": None, "6": int_}
    assert changes(history) == {"2": int_, "4": {"kind": "string"}, "5": None, "6": int_}
    assert changes({"1": {"kind": "bool", "off": ["--no-x"]}, "2": {"kind": "bool"}}) == {
        "1": {"kind": "bool", "off": ["--no-x"]},
        "2": {"off": None},
    }


def test_a_refresh_needs_a_replacement_for_what_was_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "0.9.0.json").write_text('{"--old": {"kind": "int"}, "--new": {"kind": "int"}}')
    (tmp_path / "0.10.0.json").write_text('{"--new": {"kind": "float"}}')
    monkeypatch.setattr(refresh_vllm, "__file__", str(tmp_path / "out" / "refresh_vllm.py"))
    with pytest.raises(ValueError, match=r"engine_flag_removals\.py what replaces --old$"):
        main(tmp_path, "2026-11-21")
    (tmp_path / "0.9.0.json").write_text('{"--new": {"kind": "int"}}')
    (tmp_path / "out").mkdir()
    main(tmp_path, "2026-11-21")
    told = json.loads((tmp_path / "out" / "vllm_args.json").read_text("utf-8"))
    assert told["versions"] == ["0.9.0", "0.10.0"]
    assert told["flags"] == {"--new": {"0.9.0": {"kind": "int"}, "0.10.0": {"kind": "float"}}}
    assert unexplained({"1": {"--task": {}}, "2": {}}) == []
