"""Weights of one's own below a prefix of the model bucket: where they come from, what is wrong."""

from typing import Any

import pytest

from planning.specs.loading import CopySpec
from planning.specs.models import ModelServiceSpec
from tests.documents import REMOVED
from tests.planning.planned import planned, refusals

LOAD, REVISION = "models.chat.load", "models.chat.revision"
COMMIT = "b968826d9c46dd6066d109eabc6255188de91218"
PREFIX = "fine-tunes/support-8b/v3/"
MOUNTED = {"storage.shared_files": {"kind": "mountpoint-s3"}}
EFS = {"storage.shared_files": {"kind": "efs"}}
VOLUME = {"models.chat.cache": {"kind": "volume"}}
SOURCE = "[planning/models/loading.py]"


def own(kind: str = "s3", prefix: str = PREFIX, **more: Any) -> dict[str, Any]:
    return {LOAD: {"kind": kind, "prefix": prefix, **more}, REVISION: REMOVED}


def chat(changes: dict[str, Any]) -> ModelServiceSpec:
    return planned(changes).models[0]


def test_the_engine_streams_what_lies_below_the_prefix():
    spec = chat(own())
    assert spec.args[0] == f"s3://$(MODEL_BUCKET)/{PREFIX}"
    assert "--revision" not in spec.args
    assert "--tokenizer" not in spec.args, "it lies with the weights"


def test_shared_files_and_a_copy_have_it_too():
    assert chat(own("shared-files") | MOUNTED).args[0] == f"/model-files/{PREFIX}"
    assert chat(own("copy")).load.copies == CopySpec(prefix=PREFIX, folder="/weights")


def test_they_count_as_the_repository_that_they_were_made_from():
    plan, base = planned(own()), planned()
    assert plan.fits == base.fits
    spec = plan.models[0]
    assert (spec.repository, spec.revision, spec.own_weights) == ("Qwen/Qwen3-8B", None, PREFIX)
    assert (base.models[0].revision, base.models[0].own_weights) == (COMMIT, None)


@pytest.mark.parametrize("filled_by", [{}, {"filled_by": "hand"}])
def test_nothing_brings_them_and_nobody_minds_that_no_revision_is_pinned(
    filled_by: dict[str, str],
):
    plan = planned(own(**filled_by) | {"network.private": True, "network.nat": "none"})
    assert plan.prefetches == ()
    assert [found for found in plan.warnings if found.path.startswith("models.chat")] == []


def test_files_that_do_not_show_the_bucket_may_have_them():
    assert chat(own("shared-files") | EFS).load.mount is not None


def test_a_load_test_reads_the_tokenizer_of_the_repository():
    (bench,) = planned(own() | {"models.chat.bench": {}}).benches
    assert bench.args[bench.args.index("--model") + 1] == "Qwen/Qwen3-8B"


def test_other_weights_have_another_folder_in_the_volume_of_graphs():
    specs = (chat(own(prefix=prefix) | VOLUME).cache for prefix in ("a/v1/", "a/v2/"))
    assert len({spec.folder for spec in specs if spec}) == 2


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        (
            own() | {REVISION: COMMIT},
            (
                "models.chat.revision: is a commit of Qwen/Qwen3-8B, and the weights are your own, "
                "below fine-tunes/support-8b/v3/; remove it, and let the prefix say which ones "
                f"they are, by a last folder such as v3/ {SOURCE}"
            ),
        ),
        (
            own(filled_by="prefetch"),
            (
                "models.chat.load.filled_by: is prefetch, a Job that brings a repository of the "
                "Hugging Face Hub, and below fine-tunes/support-8b/v3/ lie weights of your own; "
                f"remove it and copy them there before `up`, or remove `load.prefix` {SOURCE}"
            ),
        ),
        (
            own(token=True),
            (
                "models.chat.load.token: is true, but for weights of your own, below "
                "fine-tunes/support-8b/v3/, nobody asks the Hugging Face Hub; remove it "
                f"{SOURCE}"
            ),
        ),
        (
            own(prefix="bench-results/chat/"),
            (
                "models.chat.load.prefix: is bench-results/chat/, below bench-results/, where load "
                f"tests write and objects go after 365 days; use folders of another name {SOURCE}"
            ),
        ),
        (
            own() | {"storage.model_bucket": None},
            (
                "models.chat.load.kind: is s3, which reads the model bucket, and "
                "storage.model_bucket is null; leave storage.model_bucket at its default, or use "
                f"`load: {{kind: hub}}` {SOURCE}"
            ),
        ),
        (
            {LOAD: {"kind": "hub", "prefix": PREFIX}},
            (
                "models.chat.load.prefix: is not a known key; remove it, it is a key of another "
                "mapping [settings/schema.json]"
            ),
        ),
    ],
    ids=["revision", "prefetch", "token", "results", "bucket", "hub"],
)
def test_what_only_a_repository_has_is_refused(changes: dict[str, Any], finding: str):
    assert refusals(changes) == [finding]


@pytest.mark.parametrize("prefix", ["/a/", "a", "a/../b/", "../a/", "./a/", "a//b/", "", "$(A)/"])
def test_a_prefix_is_whole_folders_that_lead_nowhere_else(prefix: str):
    assert refusals(own(prefix=prefix)) == [
        (
            f"models.chat.load.prefix: is {prefix!r}; write folders of letters, digits and "
            "`_.=-`, none with a dot in front, each with its slash, fine-tunes/support-8b/v3/ "
            "[settings/schema.json]"
        )
    ]
