"""The program that moves weights: against a Hub on loopback, and a bucket in memory."""

import hashlib
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components import weights_program as program
from components.model_loading import PROGRAM

REPOSITORY, REVISION = "owner/model", "a" * 40
PREFIX = f"{REPOSITORY}/{REVISION}/"
SMALL, LARGE = b'{"layers": 1}', bytes(range(256)) * 40
FILES = {
    "config.json": SMALL,
    "model.safetensors": LARGE,
    "pytorch_model.bin": b"again",
    "original/model.safetensors": b"again",
}
TOKEN = "hf_planted-token"  # noqa: S105 - planted


def listing() -> dict[str, Any]:
    blob = hashlib.sha1(b"blob %d\0" % len(SMALL) + SMALL, usedforsecurity=False).hexdigest()
    large = {"sha256": hashlib.sha256(LARGE).hexdigest()}
    found: list[dict[str, Any]] = [
        {"rfilename": path, "size": len(body), "blobId": blob} for path, body in FILES.items()
    ]
    found[1]["lfs"] = large
    return {"siblings": found}


class Hub(http.server.ThreadingHTTPServer):
    """Serves FILES; a weight file is elsewhere, as on the real one."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files, self.listed = dict(FILES), listing()
        self.heard: list[tuple[str, str | None]] = []
        self.address = f"http://127.0.0.1:{self.server_port}"


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Hub)
        hub, path = self.server, self.path
        hub.heard.append((path, self.headers["Authorization"]))
        if path == f"/api/models/{REPOSITORY}/revision/{REVISION}?blobs=true":
            self.answered(json.dumps(hub.listed).encode())
        elif path.startswith("/elsewhere/"):
            self.answered(hub.files[path.removeprefix("/elsewhere/")])
        elif path.endswith(".safetensors"):
            name = path.removeprefix(f"/{REPOSITORY}/resolve/{REVISION}/")
            self.send_response(302)
            self.send_header("Location", f"{hub.address}/elsewhere/{name}")
            self.end_headers()
        else:
            self.answered(hub.files[path.removeprefix(f"/{REPOSITORY}/resolve/{REVISION}/")])

    def answered(self, body: bytes) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the handler's protocol
        """Say nothing."""


class Bucket:
    """The calls of a boto3 client that the program makes, on a dictionary."""

    def __init__(self) -> None:
        self.held: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.begun: dict[str, tuple[list[bytes], dict[str, str]]] = {}
        self.puts: list[str] = []
        self.aborted: list[str] = []

    def get_paginator(self, name: str) -> "Bucket":
        assert name == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        found = [
            {"Key": key, "Size": len(body)}
            for key, (body, _) in self.held.items()
            if key.startswith(Prefix)
        ]
        yield {"Contents": found} if found else {}

    def head_object(self, **asked: Any) -> dict[str, Any]:
        return {"Metadata": self.held[asked["Key"]][1]}

    def get_object(self, **asked: Any) -> dict[str, Any]:
        body, metadata = self.held[asked["Key"]]
        return {"Body": _Stream(body), "Metadata": metadata}

    def put_object(self, **given: Any) -> None:
        assert given["ChecksumAlgorithm"] == "SHA256"
        self.puts.append(given["Key"])
        self.held[given["Key"]] = (given["Body"], given["Metadata"])

    def create_multipart_upload(self, **given: Any) -> dict[str, str]:
        self.begun[given["Key"]] = ([], given["Metadata"])
        return {"UploadId": given["Key"]}

    def upload_part(self, **given: Any) -> dict[str, str]:
        parts = self.begun[given["UploadId"]][0]
        parts.append(given["Body"])
        assert given["PartNumber"] == len(parts)
        return {"ETag": f"tag-{len(parts)}", "ChecksumSHA256": f"sum-{len(parts)}"}

    def complete_multipart_upload(self, **given: Any) -> None:
        parts, metadata = self.begun.pop(given["UploadId"])
        numbers = [part["PartNumber"] for part in given["MultipartUpload"]["Parts"]]
        assert numbers == list(range(1, len(parts) + 1))
        self.puts.append(given["Key"])
        self.held[given["Key"]] = (b"".join(parts), metadata)

    def abort_multipart_upload(self, **given: Any) -> None:
        del self.begun[given["UploadId"]]
        self.aborted.append(given["Key"])


class _Stream:
    def __init__(self, body: bytes) -> None:
        self.left = body

    def read(self, size: int) -> bytes:
        found, self.left = self.left[:size], self.left[size:]
        return found


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with Hub() as found:
        thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setattr(program, "HUB", found.address)
        monkeypatch.setattr(program, "PART_BYTES", 1000)
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield found
        found.shutdown()
        thread.join()


def brought(bucket: Bucket) -> dict[str, bytes]:
    program.prefetch(bucket, "models", REPOSITORY, REVISION, PREFIX)
    return {key: body for key, (body, _) in bucket.held.items()}


def test_the_files_that_the_engine_reads_come_whole_and_with_their_digests(hub: Hub) -> None:
    bucket = Bucket()
    assert brought(bucket) == {
        f"{PREFIX}config.json": SMALL,
        f"{PREFIX}model.safetensors": LARGE,
    }
    noted = bucket.held[f"{PREFIX}model.safetensors"][1]
    assert noted == {"hub-digest": f"sha256:{hashlib.sha256(LARGE).hexdigest()}"}
    assert bucket.begun == {}


def test_what_is_there_is_left_alone_and_what_is_not_the_hubs_comes_again(hub: Hub) -> None:
    bucket = Bucket()
    brought(bucket)
    bucket.puts.clear()
    brought(bucket)
    assert bucket.puts == []
    bucket.held[f"{PREFIX}config.json"] = (SMALL, {})
    brought(bucket)
    assert bucket.puts == [f"{PREFIX}config.json"]


def test_a_file_that_is_not_the_hubs_never_appears_and_the_next_run_brings_it(hub: Hub) -> None:
    bucket = Bucket()
    hub.files["model.safetensors"] = LARGE[:-1000]
    with pytest.raises(ValueError, match=r"model\.safetensors: 9240 bytes are not sha256:"):
        brought(bucket)
    assert set(bucket.held) == {f"{PREFIX}config.json"}
    assert (bucket.begun, bucket.aborted) == ({}, [f"{PREFIX}model.safetensors"])
    bucket.puts.clear()
    hub.files["model.safetensors"] = LARGE
    brought(bucket)
    assert bucket.puts == [f"{PREFIX}model.safetensors"]


def test_a_small_file_is_checked_by_its_git_digest(hub: Hub) -> None:
    hub.files["config.json"] = SMALL.replace(b"1", b"2")
    with pytest.raises(ValueError, match=r"config\.json: 13 bytes are not git:"):
        brought(Bucket())


def test_a_repository_without_safetensors_is_refused(hub: Hub) -> None:
    hub.listed["siblings"] = [each for each in hub.listed["siblings"] if "lfs" not in each]
    with pytest.raises(SystemExit, match="has no safetensors, and the streamer reads no other"):
        brought(Bucket())


def test_the_token_is_shown_to_the_hub_and_to_nobody_it_redirects_to(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    brought(Bucket())
    elsewhere = {shown for path, shown in hub.heard if path.startswith("/elsewhere/")}
    at_home = {shown for path, shown in hub.heard if not path.startswith("/elsewhere/")}
    assert (elsewhere, at_home) == ({None}, {f"Bearer {TOKEN}"})


def test_a_copy_is_what_the_bucket_holds_and_is_not_made_twice(hub: Hub, tmp_path: Path) -> None:
    bucket = Bucket()
    brought(bucket)
    bucket.held[f"{PREFIX}by-hand/notes.txt"] = (b"no digest", {})
    program.copy(bucket, "models", PREFIX, tmp_path)
    assert (tmp_path / "model.safetensors").read_bytes() == LARGE
    assert (tmp_path / "by-hand/notes.txt").read_bytes() == b"no digest"
    assert not list(tmp_path.rglob("*.partial"))
    before = (tmp_path / "model.safetensors").stat().st_mtime_ns
    program.copy(bucket, "models", PREFIX, tmp_path)
    assert (tmp_path / "model.safetensors").stat().st_mtime_ns == before


def test_a_copy_that_is_not_what_the_hub_has_is_never_seen(hub: Hub, tmp_path: Path) -> None:
    bucket = Bucket()
    brought(bucket)
    key = f"{PREFIX}model.safetensors"
    bucket.held[key] = (LARGE[::-1], bucket.held[key][1])
    with pytest.raises(ValueError, match="are not sha256:"):
        program.copy(bucket, "models", PREFIX, tmp_path)
    assert not (tmp_path / "model.safetensors").exists()


def test_an_empty_prefix_is_told(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"nothing lies in owner/model/a+/ of the bucket"):
        program.copy(Bucket(), "models", PREFIX, tmp_path)


def test_the_text_of_the_program_runs_by_itself_and_takes_its_commands(tmp_path: Path) -> None:
    (tmp_path / "boto3.py").write_text("def client(name):\n    assert name == 's3'\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "MODEL_BUCKET": "models"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "push"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.strip()) == (1, "not a command: ['push']")


def test_the_kubelet_finds_no_variable_to_replace_in_the_program() -> None:
    assert "$(" not in PROGRAM
