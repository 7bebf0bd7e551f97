"""The kubernetes provider without a cluster: inputs and differences."""

from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from rehearsal.providers.plugin import ProviderError
from rehearsal.providers.values import UNKNOWN, Properties, to_struct
from tests.rehearsal.kubernetes_hand import Resource, changed, config_map, connected, kubeconfig


def resource(type_: str = "core/v1:ConfigMap", **settings: str) -> Resource:
    return Resource(connected(kubeconfig(), **settings), type_)


def test_a_nameless_object_is_named_once_and_alike_in_preview_and_update():
    first = resource()
    named = first.check(config_map(None))
    assert named == first.check(config_map(None))
    assert named != first.check(config_map(None), seed=b"of a replacement")
    metadata: Any = named["metadata"]
    assert metadata["name"].startswith("web-")
    assert len(metadata["name"]) == len("web-12345678")
    assert metadata["annotations"] == {"pulumi.com/autonamed": "true"}
    first.inputs = named
    assert first.check(config_map(None, data={"a": "b"}), seed=b"other")["metadata"] == metadata


@pytest.mark.parametrize(
    ("api_version", "kind", "namespace"),
    [
        ("v1", "ConfigMap", "default"),
        ("apps/v1", "Deployment", "default"),
        ("v1", "Namespace", None),
        ("rbac.authorization.k8s.io/v1", "ClusterRole", None),
        ("karpenter.sh/v1", "NodePool", None),
        ("keda.sh/v1alpha1", "ScaledObject", "default"),
        ("example.com/v1", "Unheard", None),
    ],
)
def test_an_object_gets_a_namespace_where_its_kind_has_one(
    api_version: str, kind: str, namespace: str | None
):
    found: Any = resource().check(
        {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}, "spec": None}
    )
    assert found["metadata"].get("namespace") == namespace
    assert "spec" not in found, "a null says nothing to the API server"


def test_the_providers_namespace_is_the_default_and_a_cluster_scoped_kind_drops_one():
    found: Any = resource(namespace="models").check(config_map())
    assert found["metadata"]["namespace"] == "models"
    metadata: Properties = {"name": "x", "namespace": "models"}
    found = resource().check({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    assert found["metadata"] == {"name": "x"}


@pytest.mark.parametrize(
    ("kind", "metadata", "reason"),
    [
        ("ConfigMap", {"name": "Web_1"}, "'Web_1' is no name for a ConfigMap"),
        ("Service", {"name": "a.b"}, "at most 63 lower-case letters"),
        ("Namespace", {"name": "x" * 64}, "at most 63"),
        ("ConfigMap", {"generateName": "x-"}, "needs a fixed name"),
        ("ConfigMap", {"name": "x", "annotations": {"pulumi.com/waitFor": "Ready"}}, "neither"),
        (
            "ConfigMap",
            {"name": "x", "annotations": {"pulumi.com/waitFor": "jsonpath={.a..b}"}},
            "not understood from '..b'",
        ),
        ("ConfigMap", {"name": "x", "annotations": {"pulumi.com/timeoutSeconds": "5m"}}, "'5m'"),
        (
            "ConfigMap",
            {"name": "x", "annotations": {"pulumi.com/deletionPropagationPolicy": "later"}},
            "none of foreground, background, orphan",
        ),
    ],
)
def test_what_no_cluster_would_take_is_refused_in_a_preview(
    kind: str, metadata: Properties, reason: str
):
    response = resource().checking({"apiVersion": "v1", "kind": kind, "metadata": metadata})
    assert reason in response.failures[0].reason
    assert response.failures[0].property.startswith("metadata")


def test_roles_are_named_freely_and_unknown_names_are_left_alone():
    role: Properties = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}
    assert resource().check({**role, "metadata": {"name": "system:aggregate:x"}})
    assert resource().check({**role, "metadata": {"name": UNKNOWN}})
    assert resource().check({**role, "metadata": UNKNOWN})


@pytest.mark.parametrize(
    ("type_", "instead"),
    [
        ("yaml/v2:ConfigGroup", "one resource per object"),
        ("helm.sh/v4:Chart", "kubernetes:helm.sh/v3:Release"),
        ("core/v1:NamespacePatch", "use Namespace"),
        ("core/v1:ConfigMapList", "use ConfigMap"),
    ],
)
def test_types_that_are_not_served_say_what_is(type_: str, instead: str):
    with pytest.raises(ProviderError, match=instead):
        resource(type_).checking(config_map())


def test_a_difference_is_named_at_its_deepest_field():
    web = resource("apps/v1:Deployment")
    web.inputs = {"spec": {"replicas": 1, "template": {"spec": {"containers": [{"image": "a"}]}}}}
    news: Properties = {
        "spec": {"replicas": UNKNOWN, "template": {"spec": {"containers": [{"image": "b"}]}}}
    }
    request = provider_pb2.DiffRequest(
        urn=web.urn, old_inputs=to_struct(web.inputs), news=to_struct(news)
    )
    response = web.provider.Diff(request, None)
    assert changed(response) == {
        "spec.replicas": "UPDATE",
        "spec.template.spec.containers[0].image": "UPDATE",
    }
    assert not response.replaces


IMMUTABLE: list[tuple[str, str, Properties, Properties]] = [
    ("apps/v1", "Deployment", {"spec": {"selector": {"a": "1"}}}, {"spec": {"selector": {}}}),
    ("batch/v1", "Job", {"spec": {"template": {"x": 1}}}, {"spec": {"template": {"x": 2}}}),
    ("v1", "Service", {"spec": {"clusterIP": "None"}}, {"spec": {}}),
    ("v1", "PersistentVolumeClaim", {"spec": {"volumeMode": "Block"}}, {}),
    ("v1", "ConfigMap", {"data": {"a": "1"}}, {"data": {"a": "2"}}),
    ("v1", "Secret", {"stringData": {"a": "1"}}, {"stringData": {"a": "2"}}),
    ("rbac.authorization.k8s.io/v1", "RoleBinding", {"roleRef": {"name": "a"}}, {}),
    ("storage.k8s.io/v1", "StorageClass", {"parameters": {"type": "gp3"}}, {}),
]


@pytest.mark.parametrize(("api_version", "kind", "old", "new"), IMMUTABLE)
def test_an_immutable_field_needs_a_new_object_and_a_fixed_name_the_old_one_gone(
    api_version: str, kind: str, old: Properties, new: Properties
):
    base: Properties = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}}
    found = resource()
    found.inputs = found.check({**base, **old})
    response = found.diff({**base, **new})
    assert response.replaces
    assert response.deleteBeforeReplace
    assert not found.diff({**base, **old}).diffs


def test_what_may_change_in_place_does():
    found = resource(enableConfigMapMutable="true")
    found.inputs = found.check(config_map(data={"a": "1"}))
    assert not found.diff(config_map(data={"a": "2"})).replaces
    assert found.diff(config_map(data={"a": "2"}, immutable=True)).replaces
    claim = resource()
    base: Properties = {"apiVersion": "v1", "kind": "PersistentVolumeClaim"}
    sizes: list[Properties] = [
        {"spec": {"resources": {"requests": {"storage": size}}}} for size in ("1Gi", "2Gi")
    ]
    metadata: Properties = {"metadata": {"name": "x"}}
    claim.inputs = claim.check({**base, **metadata, **sizes[0]})
    assert changed(claim.diff({**base, **metadata, **sizes[1]})) == {
        "spec.resources.requests.storage": "UPDATE"
    }


def test_another_name_is_another_object_that_comes_before_the_old_one_goes():
    found = resource()
    found.inputs = found.check(config_map("old"))
    response = found.diff(config_map("new"))
    assert (response.replaces[:], response.deleteBeforeReplace) == (["metadata"], False)
    found.inputs = found.check(config_map(None, data={"a": "1"}))
    generated = found.diff(config_map(None, data={"a": "2"}))
    assert (generated.replaces[:], generated.deleteBeforeReplace) == (["data"], False)


def test_another_version_of_a_group_is_the_same_object_and_another_group_is_not():
    scaler: Properties = {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "x"}}
    found = resource()
    found.inputs = found.check({"apiVersion": "autoscaling/v1", **scaler})
    assert not found.diff({"apiVersion": "autoscaling/v2", **scaler}).replaces
    assert "apiVersion" in found.diff({"apiVersion": "example.com/v2", **scaler}).replaces
