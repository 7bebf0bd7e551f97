"""The golden files as a fixture."""

import pytest

from tests.golden_files import Resources, golden_of
from tests.program import STACKS


@pytest.fixture(params=STACKS, scope="module")
def golden(request: pytest.FixtureRequest) -> Resources:
    """Return the golden file of each stack in turn."""
    return golden_of(request.param)
