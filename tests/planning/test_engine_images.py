"""Images of the engine, finding by finding."""

import pytest

from catalog.engine_releases import PINNED, SELECTABLE
from planning.engine.images import (
    chosen_image,
    engine_image_findings,
    image_findings,
    version_of,
)
from settings.engine import EngineSettings

DIGEST = "sha256:" + "0123456789abcdef" * 4
OTHERS = f"use {PINNED}, or another of {', '.join(SELECTABLE)}"
HERE = "[planning/engine/images.py]"

CASES: list[tuple[str, list[str]]] = [
    (
        "vllm/vllm-openai:latest",
        [
            (
                "at: vllm/vllm-openai:latest names no registry, and that of the node is taken; "
                f"write it out, docker.io/vllm/vllm-openai:v0.33.0 {HERE}"
            ),
            (
                "at: the tag latest moves: two nodes may run two releases; use the tag of a "
                f"release, v0.33.0 {HERE}"
            ),
        ],
    ),
    (
        "docker.io/vllm/vllm-openai:v0.33.0-nightly",
        [
            (
                "at: the tag v0.33.0-nightly moves: two nodes may run two releases; use the tag of "
                f"a release, v0.33.0 {HERE}"
            )
        ],
    ),
    (
        "localhost:5000/vllm:v0.33",
        [
            (
                "at: the tag v0.33 names no release of vLLM; use a tag that begins with one, "
                f"v0.33.0 {HERE}"
            )
        ],
    ),
    (
        "registry.example.com/vllm",
        [
            (
                "at: registry.example.com/vllm has no tag: it does not say which vLLM it is; add "
                f"the release as its tag, :v0.33.0 {HERE}"
            )
        ],
    ),
    (
        f"registry.example.com/vllm@{DIGEST}",
        [
            (
                f"at: registry.example.com/vllm@{DIGEST} has no tag: it does not say which vLLM it "
                f"is; add the release as its tag, :v0.33.0 {HERE}"
            )
        ],
    ),
    (
        "docker.io/vllm/vllm-openai:v0.33.0@sha256:12",
        [
            (
                "at: the digest of docker.io/vllm/vllm-openai:v0.33.0@sha256:12 is not whole; "
                f"write sha256:<64 digits of 0-9 and a-f>, or no digest {HERE}"
            )
        ],
    ),
    (
        "docker.io/vllm/vllm-openai:v0.17.1",
        [
            (
                "at: vLLM 0.17.1 is below 0.19.1, the security floor: CVE-2026-27893 (fixed in "
                "0.18.0), GHSA-3mwp-wvh9-7528 (fixed in 0.19.0), CVE-2026-9540 (open); "
                f"{OTHERS} [catalog/engine_releases.py: anomity.ai: CVE-2026-27893; "
                "vllm-project/speculators: pull request 434; aithreatalert.com: CVE-2026-9540]"
            )
        ],
    ),
    (
        "docker.io/vllm/vllm-openai:v0.34.0",
        [
            (
                "at: the flags of vLLM 0.34.0 are not known, so that none can be checked; "
                f"{OTHERS} [catalog/vllm_args.json]"
            )
        ],
    ),
    ("docker.io/vllm/vllm-openai:v0.33.0", []),
    (f"localhost:5000/own/vllm:0.28.0-cu130@{DIGEST}", []),
]


@pytest.mark.parametrize(("reference", "findings"), CASES, ids=[case for case, _ in CASES])
def test_an_image_is_refused_for_what_moves_is_unknown_or_has_a_hole(
    reference: str, findings: list[str]
):
    assert [str(finding) for finding in image_findings("at", reference)] == findings


@pytest.mark.parametrize(
    ("reference", "version"),
    [
        ("docker.io/vllm/vllm-openai:v0.33.0", "0.33.0"),
        ("docker.io/vllm/vllm-openai:v0.33.0-cu130", "0.33.0"),
        ("localhost:5000/vllm:0.28.0", "0.28.0"),
        ("localhost:5000/vllm", ""),
        ("docker.io/vllm/vllm-openai:v0.34.0rc1", ""),
        ("docker.io/vllm/vllm-openai:v0.33.0-dev", ""),
    ],
)
def test_the_tag_says_the_release(reference: str, version: str):
    assert version_of(reference) == version


def test_without_a_word_the_pinned_release_runs():
    image = chosen_image(EngineSettings())
    assert (image.reference, image.version) == ("docker.io/vllm/vllm-openai:v0.33.0", "0.33.0")
    assert [*engine_image_findings("engine", EngineSettings())] == []


def test_a_version_and_a_digest_make_one_reference():
    image = chosen_image(EngineSettings(version="0.28.0", digest=DIGEST))
    assert image.reference == f"docker.io/vllm/vllm-openai:v0.28.0@{DIGEST}"
    assert image.version == "0.28.0"


def test_another_image_is_taken_as_it_is_and_judged_by_its_tag():
    image = chosen_image(EngineSettings(image="localhost:5000/vllm:v0.32.0-own"))
    assert (image.reference, image.version) == ("localhost:5000/vllm:v0.32.0-own", "0.32.0")


@pytest.mark.parametrize(
    ("engine", "path"),
    [
        (EngineSettings(version="0.18.1"), "engine.version"),
        (EngineSettings(image="docker.io/vllm/vllm-openai:v0.18.1"), "engine.image"),
    ],
)
def test_a_finding_stands_at_the_setting_it_is_about(engine: EngineSettings, path: str):
    [finding] = engine_image_findings("engine", engine)
    assert finding.path == path
    assert finding.problem.startswith("vLLM 0.18.1 is below 0.19.1, the security floor: GHSA-")
