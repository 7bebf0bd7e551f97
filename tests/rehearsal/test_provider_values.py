import pytest
from pulumi.runtime.proto import provider_pb2

from rehearsal.providers.differences import Difference, diff_response, differences
from rehearsal.providers.values import (
    UNKNOWN,
    UNKNOWN_MARKERS,
    Properties,
    Secret,
    from_struct,
    has_unknown,
    revealed,
    sealed_like,
    to_struct,
)

VALUES: Properties = {
    "whole": 3,
    "part": 0.5,
    "flag": True,
    "nothing": None,
    "text": "é",
    "list": [1, "a", [], {}],
    "unknown": [UNKNOWN],
    "secret": Secret({"inner": [Secret("x")]}),
}


def test_values_survive_the_way_to_the_engine_and_back() -> None:
    back = from_struct(to_struct(VALUES))
    assert back == VALUES
    assert isinstance(back["whole"], int)
    assert isinstance(back["flag"], bool)


def test_every_marker_of_an_unknown_value_is_unknown() -> None:
    markers: Properties = {marker: marker for marker in UNKNOWN_MARKERS}
    assert set(from_struct(to_struct(markers)).values()) == {UNKNOWN}
    assert has_unknown(VALUES)
    assert has_unknown(Secret({"a": [UNKNOWN]}))
    assert not has_unknown({"a": [Secret("b"), None]})


def test_what_is_no_plain_data_is_refused() -> None:
    asset: Properties = {
        "file": {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17"}
    }
    with pytest.raises(ValueError, match="assets, archives and resource references"):
        from_struct(to_struct(asset))


def test_secrets_are_revealed_and_sealed_again_where_they_were() -> None:
    inputs: Properties = {"a": Secret("x"), "b": [{"c": Secret("y")}, "z"]}
    plain = revealed(inputs)
    assert plain == {"a": "x", "b": [{"c": "y"}, "z"]}
    assert sealed_like(plain, inputs) == inputs
    longer: Properties = {"a": "x", "b": [{"c": "y"}, "z", "new"], "d": "e"}
    assert sealed_like(longer, inputs) == {
        "a": Secret("x"),
        "b": [{"c": Secret("y")}, "z", "new"],
        "d": "e",
    }
    assert "x" not in repr(inputs["a"])


def test_differences_name_the_deepest_field() -> None:
    old: Properties = {"a": 1, "b": {"c/d": ["x"], "e": Secret("s")}, "same": None, "t": True}
    new: Properties = {"a": 2, "b": {"c/d": ["x", "y"], "e": "s"}, "f": UNKNOWN, "t": 1}
    assert differences(old, new) == [
        Difference("a", "update"),
        Difference('b["c/d"][1]', "add"),
        Difference("f", "add"),
        Difference("t", "update"),
    ]
    assert differences(new, old)[1] == Difference('b["c/d"][1]', "delete")
    assert differences({"a": "b"}, {"a": UNKNOWN}) == [Difference("a", "update")]
    assert differences({"a/b": 1}, {})[0].top == "a/b"


def test_the_answer_to_a_diff_replaces_only_what_must() -> None:
    found = [Difference("name", "update"), Difference("tags.a", "add"), Difference("tags.b", "add")]
    answer = diff_response(
        found, replaces=lambda difference: difference.top == "name", delete_before_replace=True
    )
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(answer.diffs) == ["name", "tags"]
    assert list(answer.replaces) == ["name"]
    assert answer.deleteBeforeReplace
    in_place = diff_response(found, replaces=lambda _: False, delete_before_replace=True)
    assert not in_place.deleteBeforeReplace
    assert not in_place.replaces
