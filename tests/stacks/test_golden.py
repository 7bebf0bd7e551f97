"""The whole program per environment, compared with its committed rendering."""

import pytest

from tests.program import GOLDEN, MASTER_KEY, SALT_KEY, STACKS, record_environment, rendering


@pytest.mark.parametrize("stack", STACKS)
def test_the_program_registers_what_its_golden_file_shows(stack: str) -> None:
    golden = (GOLDEN / f"{stack}.json").read_text()
    assert rendering(record_environment(stack)) == golden, (
        "read the change with `python -m tests.program && git diff tests/golden`"
    )


@pytest.mark.parametrize("stack", STACKS)
def test_no_secret_stands_in_a_golden_file(stack: str) -> None:
    golden = (GOLDEN / f"{stack}.json").read_text()
    assert "[secret]" in golden
    assert MASTER_KEY not in golden
    assert SALT_KEY not in golden
