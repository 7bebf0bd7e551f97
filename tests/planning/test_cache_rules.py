"""What is refused of cache volumes, and what is warned of, with the fix."""

from typing import Any

import pytest

from tests.documents import REMOVED
from tests.planning.kept_volumes import ONE_ZONE, VOLUME, chat, warned
from tests.planning.planned import planned, refusals

UNKNOWN = {
    "models.chat.model": "example/unheard-of",
    "models.chat.load": {"kind": "hub"},
}


def test_nodes_in_several_zones_are_warned_of_and_in_one_not():
    (found,) = warned(VOLUME, "models.chat.cache")
    assert str(found) == (
        "models.chat.cache: is a volume, which lies in one zone, and pool 'l40s' has nodes in "
        "us-west-2a and us-west-2b: a replica comes back where its volume lies, and waits while no "
        "node can be had there; give the pool one zone, `zones: [us-west-2a]`, or use `cache: "
        "{kind: node}` [Amazon EBS User Guide, ebs-volumes]"
    )
    assert not warned(VOLUME | ONE_ZONE, "models.chat.cache")
    assert "`zone: us-west-2a`" in str(
        warned({"models.tiny.cache": {"kind": "volume"}}, "models.tiny.cache")[0]
    )
    in_one = {"models.tiny.cache": {"kind": "volume"}, "pools.l4.zone": "us-west-2a"}
    assert not warned(in_one, "models.tiny.cache")


def test_where_weights_are_read_elsewhere_a_volume_keeps_graphs_alone_and_that_is_said():
    changes = VOLUME | ONE_ZONE | {"models.chat.load": {"kind": "s3"}}
    (found,) = warned(changes, "models.chat.cache")
    assert str(found) == (
        "models.chat.cache: is a volume, and with `load.kind: s3` it keeps compiled graphs alone: "
        "a start compiles in 6 s and not in up to 80 s, and reads its weights as before; use "
        "`cache: {kind: node}`, or `load: {kind: hub}` for weights that outlive a pod [Amazon EKS "
        "User Guide, ml-inference-fast-model-loading]"
    )
    kept = chat(changes).cache
    assert kept is not None
    assert (kept.weights_gib, kept.gib) == (0, 16)
    assert (
        chat(changes).startup_seconds == chat({"models.chat.load": {"kind": "s3"}}).startup_seconds
    )


def test_a_volume_that_cannot_hold_the_weights_is_refused():
    assert refusals({"models.chat.cache": {"kind": "volume", "gib": 16}}) == [
        (
            "models.chat.cache.gib: is 16, and the weights of Qwen/Qwen3-8B take 15.3 GiB, 16.8 "
            "with what a checkpoint and a file system have beside them; make it at least 17, or "
            "leave it out [planning/models/cache.py]"
        )
    ]
    assert planned({"models.chat.cache": {"kind": "volume", "gib": 17}})


def test_a_model_that_the_catalog_does_not_know_needs_a_size():
    assert refusals(UNKNOWN | VOLUME) == [
        (
            "models.chat.cache.gib: is not set, and the catalog does not know how large "
            "example/unheard-of is; add the GiB of its weights, a tenth more and 16 "
            "[planning/models/cache.py]"
        )
    ]
    kept = chat(UNKNOWN | {"models.chat.cache": {"kind": "volume", "gib": 50}}).cache
    assert kept is not None
    assert (kept.gib, kept.weights_gib) == (50, 0)


def test_an_unpinned_revision_would_fill_the_volume():
    assert refusals(VOLUME | {"models.chat.revision": REMOVED}) == [
        (
            "models.chat.revision: is not pinned, and its cache volumes keep the weights of one "
            "revision: each new commit of the Hub would come on top of the others; add the commit "
            "of Qwen/Qwen3-8B that you have tested [planning/models/cache.py]"
        )
    ]


def test_nodes_of_auto_mode_attach_no_volume_of_the_platforms_class():
    auto = {"pools.l40s": {"provisioner": "auto", "instances": ["g6e.2xlarge"], "gpu_limit": 4}}
    assert (
        "models.chat.cache: is a volume, and nodes of EKS Auto Mode, as in pool 'l40s', attach no "
        "volume but those of their own driver, ebs.csi.eks.amazonaws.com; use `cache: {kind: "
        "node}`, or a pool of another provisioner [Amazon EKS User Guide, create-storage-class]"
    ) in refusals(VOLUME | auto)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"models.chat.nodes": 2},
            (
                "spans 2 nodes and keeps a cache volume, which is of one node at a time; keep "
                "`nodes` or `cache`"
            ),
        ),
        (
            {"models.chat.rollout": "surge"},
            (
                "keeps a cache volume, which a new replica cannot have before the old one has "
                "ended; leave out `rollout`, or write in-place"
            ),
        ),
    ],
)
def test_what_a_volume_forbids_is_refused_in_the_entry(changes: dict[str, Any], told: str):
    (found,) = refusals(VOLUME | changes)
    assert told in found
    assert found.startswith("models.chat: ")
