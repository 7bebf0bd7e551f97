"""What a way of loading adds to the pod of a model, and what a prefetch may do."""

from typing import Any

import pytest

from components.model_loading import LoadingWires, pod_parts
from components.workloads.deployment import deployment_spec
from planning.specs.loading import CopySpec, LoadingSpec, MountSpec
from tests.components.workload_specs import MODEL
from tests.pod_security import violations

PREFIX = f"Qwen/Qwen3-8B/{'b' * 40}/"
TOKEN = "hf_planted-token"  # noqa: S105 - planted
STREAMED = LoadingSpec(
    kind="s3",
    serve=(f"s3://$(MODEL_BUCKET)/{PREFIX}",),
    environment={"AWS_REGION": "us-west-2"},
    bucket_variable="MODEL_BUCKET",
)
MOUNTED = LoadingSpec(
    kind="shared-files",
    serve=(f"/model-files/{PREFIX}",),
    mount=MountSpec(claim="model-files", folder="/model-files"),
)
COPIED = LoadingSpec(
    kind="copy",
    serve=("/weights/",),
    environment={"AWS_REGION": "us-west-2"},
    bucket_variable="MODEL_BUCKET",
    copies=CopySpec(prefix=PREFIX, folder="/weights"),
)
GATED = LoadingSpec(kind="hub", serve=("a/b",), token_variable="HF_TOKEN")  # noqa: S106 - a name
WIRES = LoadingWires(bucket_name="bucket-1a2b", claim_name="model-files", token_secret="hugging")  # noqa: S106 - a name


def pod(load: LoadingSpec) -> dict[str, Any]:
    spec = MODEL.model_copy(update={"load": load})
    return deployment_spec(spec, "account", WIRES)["template"]["spec"]


def engine(load: LoadingSpec) -> dict[str, Any]:
    return pod(load)["containers"][0]


def test_a_model_of_the_hub_has_what_it_always_had() -> None:
    assert "initContainers" not in pod(MODEL.load)
    assert [volume["name"] for volume in pod(MODEL.load)["volumes"]] == ["scratch", "shared-memory"]


def test_the_buckets_name_stands_in_a_variable_that_the_argument_takes() -> None:
    assert engine(STREAMED)["env"][-2:] == [
        {"name": "AWS_REGION", "value": "us-west-2"},
        {"name": "MODEL_BUCKET", "value": "bucket-1a2b"},
    ]


def test_a_token_is_read_from_its_secret() -> None:
    secret = {"name": "hugging", "key": "HF_TOKEN"}
    assert engine(GATED)["env"][-1] == {
        "name": "HF_TOKEN", "valueFrom": {"secretKeyRef": secret},
    }  # fmt: skip


def test_shared_files_are_mounted_read_only() -> None:
    assert pod(MOUNTED)["volumes"][-1] == {
        "name": "model-files",
        "persistentVolumeClaim": {"claimName": "model-files", "readOnly": True},
    }
    assert engine(MOUNTED)["volumeMounts"][-1] == {
        "name": "model-files", "mountPath": "/model-files", "readOnly": True,
    }  # fmt: skip


def test_a_copy_is_written_by_the_init_container_and_read_by_the_engine() -> None:
    (init,) = pod(COPIED)["initContainers"]
    place = {"name": "scratch", "mountPath": "/weights", "subPath": "weights"}
    assert init["volumeMounts"] == [place]
    assert engine(COPIED)["volumeMounts"][-1] == place | {"readOnly": True}
    assert init["args"] == ["copy", PREFIX, "/weights"]
    assert init["image"] == engine(COPIED)["image"] == MODEL.image
    assert {"name": "MODEL_BUCKET", "value": "bucket-1a2b"} in init["env"]


@pytest.mark.parametrize("load", [MODEL.load, STREAMED, MOUNTED, COPIED, GATED])
def test_every_way_leaves_the_pod_restricted(load: LoadingSpec) -> None:
    assert violations(pod(load)) == []


@pytest.mark.parametrize(
    ("load", "missing"),
    [(STREAMED, "bucket_name"), (MOUNTED, "claim_name"), (GATED, "token_secret")],
)
def test_a_wire_that_is_missing_is_named(load: LoadingSpec, missing: str) -> None:
    said = f"loading of kind {load.kind} needs `{missing}`, and it is None"
    with pytest.raises(ValueError, match=said):
        pod_parts(load, LoadingWires(), "image")
