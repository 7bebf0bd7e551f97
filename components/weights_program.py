"""Moves weights: `prefetch` from the Hugging Face Hub into a bucket, `copy` from there to a folder.

It runs inside of images, as `python -c` with its own text, and needs boto3 of them and nothing
else. Both ways check every file against the digest that the Hub knows, and begin where an
interrupted run ended. Variables: MODEL_BUCKET, and for gated models HF_TOKEN.

Sources: huggingface.co/docs/hub/api, models and repositories; boto3, S3 client.
"""

import hashlib
import importlib
import json
import os
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

HUB = "https://huggingface.co"
PART_BYTES = 64 * 1024**2
FILES_AT_A_TIME = 8
PATIENCE_SECONDS = 120
DIGEST = "hub-digest"
"""Key of an object's metadata."""
OTHER_WEIGHTS = (".bin", ".ckpt", ".gguf", ".h5", ".msgpack", ".onnx", ".pt", ".pth")
OTHER_FOLDERS = ("metal/", "original/")
"""The same weights once more, in formats that the engine does not read."""


def request(url: str) -> urllib.request.Request:
    """Return a request; the token goes to the Hub alone, and to nobody it redirects to."""
    found = urllib.request.Request(url)  # noqa: S310 - every URL begins with HUB
    if token := os.environ.get("HF_TOKEN"):
        found.add_unredirected_header("Authorization", f"Bearer {token}")
    return found


def listed(repository: str, revision: str) -> dict[str, tuple[int, str]]:
    """Return size in bytes and digest of each file that the engine reads, by path.

    Raises:
        SystemExit: the revision has no safetensors.
    """
    url = f"{HUB}/api/models/{repository}/revision/{revision}?blobs=true"
    with urllib.request.urlopen(request(url), timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
        siblings = json.load(answer)["siblings"]
    found: dict[str, tuple[int, str]] = {}
    for each in siblings:
        path, lfs = each["rfilename"], each.get("lfs")
        if not path.endswith(OTHER_WEIGHTS) and not path.startswith(OTHER_FOLDERS):
            digest = f"sha256:{lfs['sha256']}" if lfs else f"git:{each['blobId']}"
            found[path] = (each["size"], digest)
    if not any(path.endswith(".safetensors") for path in found):
        sys.exit(f"{repository} at {revision} has no safetensors, and the streamer reads no other")
    return found


class Check:
    """Takes the bytes of a file as they pass, and says at the end whether they are the Hub's."""

    def __init__(self, path: str, size: int, digest: str) -> None:
        self.path, self.size, self.digest, self.passed = path, size, digest, 0
        kind = digest.partition(":")[0]
        algorithm = "sha256" if kind == "sha256" else "sha1"
        self.sum = hashlib.new(algorithm, usedforsecurity=False)
        if kind == "git":
            self.sum.update(b"blob %d\0" % size)

    def parts(self, source: Any) -> Iterator[bytes]:
        """Yield the file in parts.

        Raises:
            ValueError: after the last part, when they were not the Hub's.
        """
        while part := source.read(PART_BYTES):
            self.passed += len(part)
            self.sum.update(part)
            yield part
        if self.sum.hexdigest() != self.digest.partition(":")[2]:
            raise ValueError(f"{self.path}: {self.passed} bytes are not {self.digest}")


def upload(s3: Any, bucket: str, key: str, check: Check, source: Any) -> None:
    """Stream a file into an object that is there as a whole, and checked, or not at all."""
    where, noted = {"Bucket": bucket, "Key": key}, {DIGEST: check.digest}
    if check.size <= PART_BYTES:
        body = b"".join(check.parts(source))
        s3.put_object(**where, Body=body, Metadata=noted, ChecksumAlgorithm="SHA256")
        return
    begun = s3.create_multipart_upload(**where, Metadata=noted, ChecksumAlgorithm="SHA256")
    where["UploadId"] = begun["UploadId"]
    try:
        done: list[dict[str, Any]] = []
        for number, part in enumerate(check.parts(source), start=1):
            sent = s3.upload_part(**where, PartNumber=number, Body=part, ChecksumAlgorithm="SHA256")
            kept = {name: sent[name] for name in ("ETag", "ChecksumSHA256")}
            done.append({"PartNumber": number, **kept})
        s3.complete_multipart_upload(**where, MultipartUpload={"Parts": done})
    except BaseException:
        s3.abort_multipart_upload(**where)
        raise


def there(s3: Any, bucket: str, prefix: str) -> Iterator[tuple[str, int]]:
    """Yield key and size of every object below a prefix."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        for each in page.get("Contents", []):
            yield each["Key"], each["Size"]


def prefetch(s3: Any, bucket: str, repository: str, revision: str, prefix: str) -> None:
    """Bring every file of a revision into the bucket; what is there and whole is left alone."""
    files, held = listed(repository, revision), dict(there(s3, bucket, prefix))

    def bring(path: str) -> None:
        size, digest = files[path]
        key = f"{prefix}{path}"
        if held.get(key) == size:
            known = s3.head_object(Bucket=bucket, Key=key)["Metadata"]
            if known.get(DIGEST) == digest:
                print(f"there: {path}", flush=True)
                return
        url = f"{HUB}/{repository}/resolve/{revision}/{urllib.parse.quote(path)}"
        with urllib.request.urlopen(request(url), timeout=PATIENCE_SECONDS) as source:  # noqa: S310
            upload(s3, bucket, key, Check(path, size, digest), source)
        print(f"brought: {path}, {size} bytes, {digest}", flush=True)

    at_a_time(bring, files)


def copy(s3: Any, bucket: str, prefix: str, folder: Path) -> None:
    """Copy every object below a prefix to a folder; a file is there as a whole or not at all.

    Raises:
        SystemExit: nothing lies there.
    """
    held = dict(there(s3, bucket, prefix))

    def bring(key: str) -> None:
        goal = folder / key.removeprefix(prefix)
        if goal.is_file() and goal.stat().st_size == held[key]:
            return
        goal.parent.mkdir(parents=True, exist_ok=True)
        partial = goal.with_name(f"{goal.name}.partial")
        found = s3.get_object(Bucket=bucket, Key=key)
        with partial.open("wb") as file:
            written(file, found, Check(key, held[key], found["Metadata"].get(DIGEST, "")))
        partial.replace(goal)

    if not held:
        sys.exit(f"nothing lies in {prefix} of the bucket")
    at_a_time(bring, held)


def written(file: IO[bytes], found: Mapping[str, Any], check: Check) -> None:
    """Write an object; where nobody noted a digest there is none to check."""
    source = found["Body"]
    parts = check.parts(source) if check.digest else iter(lambda: source.read(PART_BYTES), b"")
    for part in parts:
        file.write(part)


def at_a_time(work: Any, items: Iterable[str]) -> None:
    """Do a few at a time; the first error is raised when all have ended."""
    with ThreadPoolExecutor(FILES_AT_A_TIME) as pool:
        for ended in [pool.submit(work, item) for item in sorted(items)]:
            ended.result()


def main(arguments: list[str]) -> None:
    """Run `prefetch REPOSITORY REVISION PREFIX` or `copy PREFIX FOLDER`."""
    s3, bucket = importlib.import_module("boto3").client("s3"), os.environ["MODEL_BUCKET"]
    match arguments:
        case ["prefetch", repository, revision, prefix]:
            prefetch(s3, bucket, repository, revision, prefix)
        case ["copy", prefix, folder]:
            copy(s3, bucket, prefix, Path(folder))
        case _:
            sys.exit(f"not a command: {arguments}")


if __name__ == "__main__":
    main(sys.argv[1:])
