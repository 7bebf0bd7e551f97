import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from rehearsal.providers.aws.naming import NAME_INPUTS
from rehearsal.providers.aws.outputs import ANSWERS
from rehearsal.providers.aws.replacement import FORCES_NEW
from rehearsal.providers.aws.schema import FORMAT, Field, Schemas
from rehearsal.providers.aws.service_rules import RULES
from tests.rehearsal.aws_hand import (
    VPC,
)


def test_a_second_run_reads_the_kept_schema_and_not_the_sdk(tmp_path: Path) -> None:
    derived = Schemas(tmp_path).of(VPC)
    program = (
        "import sys; from pathlib import Path; from rehearsal.providers.aws.schema import Schemas; "
        f"print(Schemas(Path({str(tmp_path)!r})).of({VPC!r}).outputs); "
        "print([name for name in sys.modules if 'pulumi_aws' in name])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [str(derived.outputs), "[]"]
    assert Schemas(tmp_path).of(VPC) == derived
    (kept,) = tmp_path.iterdir()
    kept.write_text(kept.read_text().replace(f'"format": {FORMAT}', '"format": 0'))
    assert Schemas(tmp_path).of(VPC) == derived, "another format is derived again"


def test_inputs_that_evade_a_nested_type_of_their_name_are_found(tmp_path: Path) -> None:
    versioning = Schemas(tmp_path).of("aws:s3/bucketVersioning:BucketVersioning")
    assert versioning.inputs["bucket"] == Field("string", required=True)
    assert versioning.inputs["versioningConfiguration"].required


def test_the_tables_name_only_what_the_sdk_has() -> None:
    schemas = Schemas()

    def has_input(type_: str, path: str) -> bool:
        schema = schemas.of(type_)
        fields: Mapping[str, Field] = schema.inputs
        for part in path.split("."):
            if part not in fields:
                return False
            shape = fields[part].shape
            nested = shape.get("object") if isinstance(shape, dict) else None
            fields = schema.types[str(nested)] if nested else {}
        return True

    wrong = [
        f"{type_} {path}"
        for type_, paths in [*FORCES_NEW.items(), *RULES.items()]
        for path in paths
        if not has_input(type_, path)
    ]
    wrong += [
        f"{type_} {output}"
        for type_, answer in ANSWERS.items()
        for output in answer.outputs
        if output not in schemas.of(type_).outputs
    ]
    wrong += [type_ for type_, name in NAME_INPUTS.items() if not has_input(type_, name)]
    assert wrong == []
