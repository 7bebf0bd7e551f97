"""The model bucket: closed, kept, and read by model services alone."""

import json
from typing import Any

import pulumi

from components.model_bucket import (
    BucketReader,
    BucketReaderArgs,
    ModelBucket,
    ModelBucketArgs,
    read_policy,
    reader_trust,
    transport_policy,
)
from planning.specs.storage import ModelBucketSpec
from tests.recording import Recording, record

SPEC = ModelBucketSpec(
    cluster_name="llm-dev",
    namespace="models",
    noncurrent_days=30,
    abandoned_upload_days=7,
    results_prefix="bench-results/",
    results_days=365,
)
ARN = "arn:aws:s3:::weights"


def bucket(*, emptied: bool = False, protect: bool = False, preview: bool = False) -> Recording:
    args = ModelBucketArgs(spec=SPEC, emptied_when_deleted=emptied)
    opts = pulumi.ResourceOptions(protect=protect)
    return record(lambda: ModelBucket("store", args, opts), preview=preview)


def test_the_engine_names_the_bucket_and_a_deletion_keeps_its_objects_unless_told() -> None:
    assert bucket()["store-bucket"].inputs == {"forceDestroy": False}
    assert bucket(emptied=True)["store-bucket"].inputs == {"forceDestroy": True}


def test_nothing_of_it_is_public_or_in_clear() -> None:
    recorded = bucket()
    assert recorded["store-private"].inputs == {
        "bucket": "store-bucket-id",
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }
    assert recorded["store-ownership"].inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    assert recorded["store-encryption"].inputs["rules"] == [
        {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
    ]
    (statement,) = transport_policy(ARN)["Statement"]
    assert statement == {
        "Sid": "RefuseClearText",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": (ARN, f"{ARN}/*"),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def test_its_access_is_changed_one_step_after_the_other() -> None:
    recorded = bucket()
    assert "store-ownership" in recorded["store-private"].after
    assert "store-private" in recorded["store-encrypted-transport"].after


def test_what_was_replaced_and_what_was_measured_is_kept_for_a_while_and_no_unfinished_upload() -> (
    None
):
    recorded = bucket()
    assert recorded["store-versions"].inputs["versioningConfiguration"] == {"status": "Enabled"}
    everything = {"status": "Enabled", "filter": {"prefix": ""}}
    assert recorded["store-lifecycle"].inputs["rules"] == [
        {
            "id": "noncurrent-versions",
            "noncurrentVersionExpiration": {"noncurrentDays": 30},
            "expiration": {"expiredObjectDeleteMarker": True},
            **everything,
        },
        {
            "id": "abandoned-uploads",
            "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
            **everything,
        },
        {
            "id": "bench-results",
            "status": "Enabled",
            "filter": {"prefix": "bench-results/"},
            "expiration": {"days": 365},
        },
    ]
    assert "store-versions" in recorded["store-lifecycle"].after


def test_its_reader_lists_one_bucket_and_reads_objects_and_can_do_nothing_else() -> None:
    assert read_policy(ARN)["Statement"] == [
        {
            "Sid": "ListModels",
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": ARN,
        },
        {
            "Sid": "ReadModels",
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": f"{ARN}/*",
        },
    ]
    written = json.loads(bucket()["store-read"].inputs["policy"])
    arn = "arn:aws:s3:us-west-2:111122223333:bucket/store-bucket-1a2b3c4"
    assert written == json.loads(json.dumps(read_policy(arn)))


def test_only_pods_of_the_models_namespace_of_this_cluster_take_the_role() -> None:
    written: dict[str, Any] = json.loads(bucket()["store-reader-role"].inputs["assumeRolePolicy"])
    assert written == reader_trust("llm-dev", "models")
    (statement,) = written["Statement"]
    assert statement["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert statement["Condition"] == {
        "StringEquals": {
            "aws:RequestTag/eks-cluster-name": "llm-dev",
            "aws:RequestTag/kubernetes-namespace": "models",
        }
    }


def test_a_reader_is_one_service_account_and_waits_for_the_role_that_may_read() -> None:
    def program() -> None:
        made = ModelBucket("store", ModelBucketArgs(spec=SPEC, emptied_when_deleted=False))
        args = BucketReaderArgs(
            namespace="models",
            service_account="qwen3-8b",
            cluster_name="llm-dev",
            role_arn=made.reader_role_arn,
        )
        BucketReader("qwen3-8b-reader", args)

    recorded = record(program)
    association = recorded["qwen3-8b-reader-identity"]
    assert association.inputs == {
        "clusterName": "llm-dev",
        "namespace": "models",
        "serviceAccount": "qwen3-8b",
        "roleArn": "arn:aws:iam:us-west-2:111122223333:role/store-reader-role-1a2b3c4",
    }
    assert {"store-read", "store-reader-role"} <= association.after


def test_its_name_is_known_once_it_is_closed() -> None:
    recorded = bucket()
    assert recorded["store"].outputs["bucket_name"] == "store-bucket-id"


def test_protection_reaches_every_part_also_in_a_first_preview() -> None:
    recorded = bucket(protect=True)
    assert recorded.children("store") == set(recorded) - {"store"}
    assert all(found.protect for found in recorded.values())
    assert set(bucket(preview=True)) == set(recorded)
