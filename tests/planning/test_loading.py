"""How weights come to an engine: what each way becomes, and what keeps it from its weights."""

import json
from typing import Any

import pytest

from planning.models.loading import loading
from planning.plan import Plan
from planning.specs.loading import CopySpec, LoadingSpec, MountSpec
from settings.models import ModelSettings
from tests.documents import REMOVED
from tests.planning.planned import planned, refusals

LOAD, REVISION = "models.chat.load", "b968826d9c46dd6066d109eabc6255188de91218"
PREFIX = f"Qwen/Qwen3-8B/{REVISION}/"
REGION = {"AWS_DEFAULT_REGION": "us-west-2", "AWS_REGION": "us-west-2"}
MOUNTED = {"storage.shared_files": {"kind": "mountpoint-s3"}}
EFS = {"storage.shared_files": {"kind": "efs"}}
PRIVATE = {"network.private": True, "network.nat": "none"}
SOURCE = "[planning/models/loading.py]"


def way(load: dict[str, Any], changes: dict[str, Any] | None = None) -> LoadingSpec:
    (found,) = [
        model for model in planned({LOAD: load, **(changes or {})}).models if model.name == "chat"
    ]
    assert found.args[: len(found.load.serve)] == found.load.serve
    return found.load


def streamer(spec: LoadingSpec) -> dict[str, Any]:
    assert spec.serve[1:4] == ("--load-format", "runai_streamer", "--model-loader-extra-config")
    return json.loads(spec.serve[4])


def test_without_a_word_a_model_comes_from_the_hub_and_nothing_is_prefetched() -> None:
    plan = planned()
    assert [model.load for model in plan.models if model.name == "chat"] == [
        LoadingSpec(kind="hub", serve=("Qwen/Qwen3-8B", "--revision", REVISION))
    ]
    assert (plan.prefetches, plan.hub_token) == ((), None)


def test_the_hub_may_be_shown_the_token() -> None:
    assert way({"kind": "hub", "token": True}).token_variable == "HF_TOKEN"  # noqa: S105 - a name


def test_from_the_bucket_weights_are_streamed() -> None:
    found = way({"kind": "s3", "token": True})
    assert found.serve[0] == f"s3://$(MODEL_BUCKET)/{PREFIX}"
    assert streamer(found)["concurrency"] == 5
    assert "distributed" not in streamer(found)
    assert found.environment == REGION | {
        "RUNAI_STREAMER_CHUNK_BYTESIZE": "4294967296",
        "RUNAI_STREAMER_S3_REQUEST_TIMEOUT_MS": "3000",
        "RUNAI_STREAMER_S3_LOW_SPEED_LIMIT": "1048576",
    }
    # The Job shows it, the engine does not.
    assert (found.bucket_variable, found.token_variable) == ("MODEL_BUCKET", None)


def test_several_gpus_read_a_part_each_and_share_the_buffer() -> None:
    settings = {
        "model": "Qwen/Qwen3-8B", "revision": REVISION, "pool": "l40s", "load": {"kind": "s3"},
    }  # fmt: skip
    spec = loading(
        ModelSettings.model_validate(settings),
        "us-west-2",
        weight_bytes=470e9,
        tensor=8,
        memory_mib=1024,
    )
    assert streamer(spec) == {
        "concurrency": 15,
        "distributed": True,
        "memory_limit": 64 * 1024**2,
    }


def test_shared_files_are_mounted_and_streamed() -> None:
    found = way({"kind": "shared-files"}, MOUNTED)
    assert found.serve[0] == f"/model-files/{PREFIX}"
    assert set(streamer(found)) == {"memory_limit"}
    assert found.mount == MountSpec(claim="model-files", folder="/model-files")
    assert found.environment == {"HF_HUB_OFFLINE": "1"}
    assert found.bucket_variable is None


def test_a_copy_is_served_from_the_nodes_own_disk() -> None:
    found = way({"kind": "copy"})
    assert found.serve == ("/weights/",)
    assert found.copies == CopySpec(prefix=PREFIX, folder="/weights")
    assert found.environment == REGION | {"HF_HUB_OFFLINE": "1"}
    assert found.bucket_variable == "MODEL_BUCKET"


def two_of(one: dict[str, Any], other: dict[str, Any]) -> Plan:
    both = {"models.tiny.model": "Qwen/Qwen3-8B", "models.tiny.share": REMOVED}
    both |= {"models.tiny.pool": "l40s", "models.tiny.context": 32768}
    return planned({LOAD: one, "models.tiny.load": other, **both})


def test_entries_of_one_revision_wait_for_one_job() -> None:
    pinned = {"models.tiny.revision": REVISION}
    both = {"models.tiny.model": "Qwen/Qwen3-8B", "models.tiny.share": REMOVED} | pinned
    both |= {"models.tiny.pool": "l40s", "models.tiny.context": 32768}
    load = {LOAD: {"kind": "s3"}, "models.tiny.load": {"kind": "copy", "token": True}}
    (job,) = planned(both | load).prefetches
    assert (job.models, job.prefix, job.token_variable) == (("chat", "tiny"), PREFIX, "HF_TOKEN")
    assert (job.repository, job.revision) == ("Qwen/Qwen3-8B", REVISION)


def test_each_revision_has_a_job_of_its_own_with_a_name_of_its_own() -> None:
    jobs = two_of({"kind": "s3"}, {"kind": "s3"}).prefetches
    assert len(jobs) == 2
    assert len({job.name for job in jobs}) == len({job.prefix for job in jobs}) == 2
    assert all(job.name.startswith("prefetch-qwen3-8b-") for job in jobs)
    # With a dash and eight digits of the Job, still a DNS label.
    assert all(len(job.name) <= 63 - 9 for job in jobs)


def test_what_is_filled_by_hand_has_no_job() -> None:
    assert planned({LOAD: {"kind": "s3", "filled_by": "hand"}}).prefetches == ()


def test_the_token_is_a_secret_where_a_model_asks_for_it() -> None:
    token = planned({LOAD: {"kind": "s3", "token": True}}).hub_token
    assert token is not None
    assert (token.namespace, token.variable) == ("models", "HF_TOKEN")


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        (
            {LOAD: {"kind": "s3"}, "storage.model_bucket": None},
            (
                "models.chat.load.kind: is s3, which reads the model bucket, and "
                "storage.model_bucket is null; leave storage.model_bucket at its default, or use "
                f"`load: {{kind: hub}}` {SOURCE}"
            ),
        ),
        (
            {LOAD: {"kind": "shared-files"}},
            (
                "models.chat.load.kind: is shared-files, and storage.shared_files.kind is none; "
                f"set storage.shared_files, or use `load: {{kind: s3}}` {SOURCE}"
            ),
        ),
        (
            {LOAD: {"kind": "shared-files"}, **EFS},
            (
                "models.chat.load.filled_by: is prefetch, which fills the model bucket, and EFS "
                "does not show it: it starts empty; copy the weights there and use `filled_by: "
                "hand`, or use shared files of kind fsx-lustre or mountpoint-s3 "
                f"{SOURCE}"
            ),
        ),
        (
            {LOAD: {"kind": "copy"}, "models.chat.revision": REMOVED},
            (
                "models.chat.revision: is not pinned, and `load.kind: copy` reads the folder of "
                "one revision; add the commit of Qwen/Qwen3-8B that you have tested "
                f"{SOURCE}"
            ),
        ),
        (
            {LOAD: {"kind": "s3", "filled_by": "hand", "token": True}},
            (
                "models.chat.load.token: is true, but with `filled_by: hand` nobody asks the "
                f"Hugging Face Hub; remove it, or use `filled_by: prefetch` {SOURCE}"
            ),
        ),
        (
            {LOAD: {"kind": "nfs"}},
            (
                "models.chat.load: `kind` is 'nfs'; use one of 'hub', 's3', 'shared-files', 'copy' "
                "[settings/schema.json]"
            ),
        ),
    ],
)
def test_what_keeps_an_engine_from_its_weights_is_refused(
    changes: dict[str, Any], finding: str
) -> None:
    assert refusals(changes) == [finding]


def test_efs_that_is_filled_by_hand_is_fine() -> None:
    assert way({"kind": "shared-files", "filled_by": "hand"}, EFS).mount is not None


def test_a_job_without_a_way_to_the_hub_is_minded() -> None:
    def minded(load: dict[str, Any]) -> list[str]:
        warned = planned({LOAD: load, **PRIVATE}).warnings
        return [str(found) for found in warned if found.path.startswith("models.")]

    assert minded({"kind": "s3"}) == [
        (
            "models.chat.load.filled_by: is prefetch, a Job that reads the Hugging Face Hub, and "
            "network.nat is none: without a transit gateway nothing leads there; copy the weights "
            "into the model bucket and use `filled_by: hand` [Amazon EKS User Guide, "
            "private-clusters]"
        )
    ]
    assert minded({"kind": "s3", "filled_by": "hand"}) == []
