"""Answers `aws eks get-token`, as a kubeconfig's exec plugin calls it, for the control plane here.

Output: `ExecCredential` of client.authentication.k8s.io/v1beta1, as AWS CLI v2 prints it.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from typing_extensions import override

USAGE = "aws [--region R] eks get-token --cluster-name NAME"
VALID_FOR = timedelta(minutes=14)
"""As AWS CLI v2: clients ask again after it."""


class _Parser(argparse.ArgumentParser):
    @override
    def error(self, message: str) -> NoReturn:
        sys.stderr.write(f"aws (of the rehearsal): {message}; it can only do `{USAGE}`\n")
        raise SystemExit(2)


def main(arguments: Sequence[str]) -> int:
    """Print the token of this rehearsal's control plane; return the exit status."""
    parser = _Parser(prog="aws", add_help=False, allow_abbrev=False)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--cluster-name", required=True)
    for option in ("--region", "--output", "--profile", "--role-arn", "--role"):
        parser.add_argument(option)
    found = parser.parse_intermixed_args(arguments)
    if found.words != ["eks", "get-token"]:
        parser.error(f"it was asked for `{' '.join(found.words)}`")
    if found.output not in {None, "json"}:
        parser.error(f"it was asked for output in {found.output}, and knows json")
    return _print_token()


def _print_token() -> int:
    # Imported here: a wrong command line is answered without them.
    from rehearsal.control_plane.connection import Connection  # noqa: PLC0415
    from rehearsal.layout import this_rehearsal  # noqa: PLC0415

    layout = this_rehearsal()
    connection = Connection.read(layout.connection) if layout else None
    if connection is None:
        sys.stderr.write("aws (of the rehearsal): no control plane is running: `make rehearse`\n")
        return 1
    credential = {
        "kind": "ExecCredential",
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "spec": {},
        "status": {
            "expirationTimestamp": f"{datetime.now(UTC) + VALID_FOR:%Y-%m-%dT%H:%M:%SZ}",
            "token": connection.token,
        },
    }
    sys.stdout.write(json.dumps(credential) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
