"""The extender's answers, and what it writes on the pods of a cluster in memory."""

from typing import Any

from planning.releases.hami import hami
from rehearsal.api import Api, Manifest
from rehearsal.hami.extender import DEFAULT_GPU_POLICY, DEFAULT_NODE_POLICY, Extender
from rehearsal.hami.objects import (
    ALLOCATED,
    NODE,
    Device,
    Share,
    decision,
    hami_devices,
    registration,
)
from tests.rehearsal.test_hami_extender_objects import pod

GIB = 1024
GPU = Device(id="g0", splits=10, memory_mib=24 * GIB)
BIG = {"nvidia.com/gpumem": str(16 * GIB)}
HELD = decision("n", ((Share(device="g0", memory_mib=16 * GIB, cores_percent=0),),), 0)


class Cluster(Api):
    """Pods and nodes in memory."""

    def __init__(self, nodes: list[Manifest], pods: list[Manifest]) -> None:
        self.nodes, self.pods, self.asked = nodes, pods, list[dict[str, str]]()

    def get(self, path: str) -> Manifest | None:
        """Return a node or a pod."""
        name = path.rpartition("/")[2]
        found = self.pods if "/pods/" in path else self.nodes
        return next((one for one in found if one["metadata"]["name"] == name), None)

    def list(self, path: str, **query: str) -> list[Manifest]:
        """Return the pods, of a node where one is asked for, or the nodes."""
        self.asked.append(query)
        on = query.get("fieldSelector", "").partition("spec.nodeName=")[2].partition(",")[0]
        if not path.endswith("/pods"):
            return self.nodes
        return [one for one in self.pods if not on or one["spec"].get("nodeName") == on]

    def merge(self, path: str, body: Any, manager: str = "") -> Manifest | None:
        """Change the annotations of a pod."""
        found = next((one for one in self.pods if path.endswith(one["metadata"]["name"])), None)
        if found is None:
            return None
        assert body["metadata"]["uid"] == found["metadata"]["uid"]
        merged = found["metadata"]["annotations"] | body["metadata"]["annotations"]
        found["metadata"]["annotations"] = {key: text for key, text in merged.items() if text}
        return {"metadata": {"resourceVersion": "77"}}


def cluster(*pods: Manifest) -> Cluster:
    annotations = registration([GPU], "L4")
    return Cluster([{"metadata": {"name": "n", "annotations": annotations}}], list(pods))


def test_a_pod_is_given_a_node_and_carries_its_devices():
    held = cluster(pod("a", BIG))
    extender = Extender(held)
    answer = extender.filter({"Pod": held.pods[0], "NodeNames": ["n", "other"]})
    assert answer == {"NodeNames": ["n"]}
    assert held.pods[0]["metadata"]["annotations"][NODE] == "n"
    assert hami_devices(held.pods[0]) == ("g0",)


def test_the_first_question_reads_the_newest_state_and_later_ones_none_older_than_the_decision():
    held = cluster(pod("a", BIG))
    extender = Extender(held)
    for _ in range(2):
        extender.filter({"Pod": held.pods[0], "NodeNames": ["n"]})
    versions = [query["resourceVersion"] for query in held.asked if "fieldSelector" in query]
    assert versions == ["", "77"]


def test_each_node_without_room_is_told_with_its_reason():
    other = pod("b", BIG, **HELD)
    held = cluster(pod("a", BIG), other)
    answer = Extender(held).filter({"Pod": held.pods[0], "NodeNames": ["n", "x"]})
    assert answer == {
        "NodeNames": [],
        "FailedNodes": {"n": "1/1 CardInsufficientMemory", "x": "node unregistered"},
    }


def test_a_pod_that_asks_again_is_not_in_its_own_way():
    again = pod("a", BIG, **HELD)
    held = cluster(again)
    answer = Extender(held).filter({"Pod": again, "NodeNames": ["n"]})
    assert answer == {"NodeNames": ["n"]}


def test_what_was_promised_before_a_pod_is_bound_is_not_promised_again():
    first, second, third = (pod(name, BIG) for name in "abc")
    held = cluster(first, second, third)
    extender = Extender(held)
    assert extender.filter({"Pod": first, "NodeNames": ["n"]}) == {"NodeNames": ["n"]}
    full: dict[str, Any] = {"NodeNames": [], "FailedNodes": {"n": "1/1 CardInsufficientMemory"}}
    assert extender.filter({"Pod": second, "NodeNames": ["n"]}) == full
    # Another process, which has only what is on the objects.
    again = Extender(held)
    assert again.filter({"Pod": second, "NodeNames": ["n"]}) == full
    assert again.filter({"Pod": third, "NodeNames": ["n"]}) == full
    first["spec"]["nodeName"] = "n"
    assert again.filter({"Pod": third, "NodeNames": ["n"]}) == full
    held.pods.remove(first)
    assert again.filter({"Pod": third, "NodeNames": ["n"]}) == {"NodeNames": ["n"]}


def test_a_place_that_was_reserved_and_is_lost_is_given_back():
    again = pod("a", BIG, **HELD)
    other = pod("b", BIG, **HELD)
    held = cluster(again, other)
    Extender(held).filter({"Pod": again, "NodeNames": ["n"]})
    assert ALLOCATED not in again["metadata"]["annotations"]
    assert ALLOCATED in other["metadata"]["annotations"]


def test_a_pod_without_a_gpu_may_go_anywhere():
    held = cluster()
    answer = Extender(held).filter({"Pod": pod("a", {}), "NodeNames": ["n", "m"]})
    assert answer == {"NodeNames": ["n", "m"]}


def test_a_pod_that_asks_for_what_is_not_played_waits_with_the_reason():
    held = cluster(pod("a", BIG, **{"hami.io/node-scheduler-policy": "numa"}))
    answer = Extender(held).filter({"Pod": held.pods[0], "NodeNames": ["n"]})
    assert answer == {
        "Error": "HAMi: hami.io/node-scheduler-policy: numa: the rehearsal plays binpack and spread"
    }


def test_a_pod_that_says_nothing_is_packed_as_the_platform_s_release_of_hami_packs():
    release = hami([10], "1.36", ())
    assert release is not None
    policies = release.release.values["scheduler"]["defaultSchedulerPolicy"]
    assert policies.get("gpuSchedulerPolicy", "spread") == DEFAULT_GPU_POLICY
    assert policies.get("nodeSchedulerPolicy", "binpack") == DEFAULT_NODE_POLICY
