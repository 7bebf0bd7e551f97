"""The Automation API without the calls of `pulumi` whose answers nobody needs here.

Each call starts the command line anew and derives the key of the state from its passphrase: a third
to a half of a second that a person waits for nothing.
"""

from pulumi import automation as auto
from pulumi.automation import OutputMap
from semver import VersionInfo
from typing_extensions import override

from rehearsal.layout import TOOLS
from rehearsal.tools.recipes import RECIPES


class BuiltPulumi(auto.PulumiCommand):
    """The `pulumi` that was built here, so that its version need not be asked for."""

    def __init__(self) -> None:
        self.command = str(TOOLS / "bin" / "pulumi")
        recipe = next(recipe for recipe in RECIPES if recipe.name == "pulumi")
        self.version = VersionInfo.parse(recipe.version.removeprefix("v"))


class BriefWorkspace(auto.LocalWorkspace):
    """A workspace for one stack, which every call names, and whose outputs nobody here reads."""

    @override
    def select_stack(self, stack_name: str) -> None:
        """Do nothing: it would only note the name for calls that leave it out."""

    @override
    def stack_outputs(self, stack_name: str) -> OutputMap:
        """Return nothing: the SDK asks after each update, twice, the second time for secrets."""
        return {}
