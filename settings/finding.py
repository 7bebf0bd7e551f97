"""What is wrong with an environment, said to the person who edits its YAML file."""

from collections.abc import Iterable, Sized

from pydantic import BaseModel, ConfigDict


class Finding(BaseModel):
    """One thing that cannot work, or will surprise, and what would be right."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    """Where in the YAML file, dotted, below `llm-platform:platform`; `models.qwen3-8b.gpus`."""
    problem: str
    """What is wrong, with the value found."""
    fix: str
    """What would be right, as an instruction."""
    source: str
    """Where the rule comes from: a page, a file of the catalog, or the schema."""

    def __str__(self) -> str:
        """Return the finding as one line of plain text."""
        return f"{self.path}: {self.problem}; {self.fix} [{self.source}]"


def counted(count: int, noun: str) -> str:
    """Return `1 GPU`, `2 GPUs`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def headline(findings: Sized) -> str:
    """Return the first line of a refusal."""
    return f"refused: {counted(len(findings), 'finding')}, nothing was changed"


class RefusedError(Exception):
    """An environment that cannot work, with every finding at once."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(set(findings), key=lambda found: (found.path, found.problem)))
        super().__init__("\n".join(self.lines()))

    def lines(self) -> tuple[str, ...]:
        """Return a headline and one line per finding."""
        return (headline(self.findings), *(f"  {found}" for found in self.findings))
