"""Component tests record what a component registers: `from tests.recording import record`."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Let pulumi_aws be imported: its modules warn of their own deprecated resources."""
    config.addinivalue_line(
        "filterwarnings", r"ignore:aws\.\w+/\S+ has been deprecated in favor of:DeprecationWarning"
    )
