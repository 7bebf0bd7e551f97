"""Puts the result of a load test into a bucket and prints it: `FILE PREFIX`.

It runs inside of an image, as `python -c` with its own text, and needs boto3 of it and nothing
else. Variables: MODEL_BUCKET, and JOB_NAME, which names the object.

Sources: boto3, S3 client; vLLM 0.33.0, vllm/benchmarks/serve.py (keys of the result).
"""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any


def keep(s3: Any, bucket: str, key: str, result: dict[str, Any]) -> None:
    """Put the result into the bucket; its line in the log stays the last, whatever S3 says."""
    line = json.dumps(result)
    try:
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=line.encode(),
            ContentType="application/json",
            ChecksumAlgorithm="SHA256",
        )
    finally:
        print(line, flush=True)


def main(arguments: list[str]) -> None:
    """Keep the result of FILE below PREFIX.

    Raises:
        SystemExit: with 1 when a request failed; the result is kept before.
    """
    file, prefix = arguments
    result = json.loads(Path(file).read_text("utf-8"))
    key = f"{prefix}{os.environ['JOB_NAME']}.json"
    keep(importlib.import_module("boto3").client("s3"), os.environ["MODEL_BUCKET"], key, result)
    sys.exit(result["failed"] > 0 or result["completed"] == 0)


if __name__ == "__main__":
    main(sys.argv[1:])
