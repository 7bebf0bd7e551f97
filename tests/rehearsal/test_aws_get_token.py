import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rehearsal.layout import REHEARSAL_VARIABLE, REPOSITORY, Layout
from tests.rehearsal.aws_hand import TOKEN, rehearsal_in

AWS = REPOSITORY / "rehearsal/plugins/bin/aws"


def aws(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([AWS, *arguments], capture_output=True, text=True, check=False)


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    return rehearsal_in(tmp_path, monkeypatch)


@pytest.mark.usefixtures("layout")
@pytest.mark.parametrize(
    "arguments",
    [
        "eks get-token --cluster-name dev",
        "--region us-west-2 eks get-token --cluster-name dev --output json",
        "eks --region us-west-2 get-token --cluster-name=dev",
        "eks get-token --output json --cluster-name dev --region us-west-2",
    ],
)
def test_the_token_of_the_control_plane_is_answered_in_any_order(arguments: str) -> None:
    done = aws(*arguments.split())
    assert done.returncode == 0, done.stderr
    credential = json.loads(done.stdout)
    assert credential["kind"] == "ExecCredential"
    assert credential["apiVersion"] == "client.authentication.k8s.io/v1beta1"
    assert credential["status"]["token"] == TOKEN
    expires = datetime.fromisoformat(credential["status"]["expirationTimestamp"])
    assert timedelta(minutes=10) < expires - datetime.now(UTC) < timedelta(minutes=15)


@pytest.mark.usefixtures("layout")
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("", "--cluster-name"),
        ("eks get-token", "--cluster-name"),
        ("eks list-clusters --cluster-name dev", "it was asked for `eks list-clusters`"),
        ("s3 ls", "--cluster-name"),
        ("eks get-token --cluster-name dev --debug", "--debug"),
        ("eks get-token --cluster-name dev --output yaml", "output in yaml, and knows json"),
    ],
)
def test_anything_else_is_refused_in_one_line_that_says_what_can_be_done(
    arguments: str, problem: str
) -> None:
    done = aws(*arguments.split())
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert problem in line
    assert "it can only do `aws [--region R] eks get-token --cluster-name NAME`" in line


def test_without_a_control_plane_it_says_so(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout.connection.unlink()
    assert "no control plane is running" in aws("eks", "get-token", "--cluster-name=dev").stderr
    monkeypatch.delenv(REHEARSAL_VARIABLE)
    done = aws("eks", "get-token", "--cluster-name=dev")
    assert (done.returncode, done.stdout) == (1, "")
    assert "`make rehearse`" in done.stderr


def test_the_executables_may_be_run_and_find_the_repository_through_a_link(tmp_path: Path) -> None:
    link = tmp_path / "aws"
    link.symlink_to(AWS)
    assert os.access(REPOSITORY / "rehearsal/plugins/aws/pulumi-resource-aws", os.X_OK)
    assert subprocess.run([link], capture_output=True, check=False).returncode == 2
