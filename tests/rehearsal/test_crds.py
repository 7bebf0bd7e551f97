"""The excerpts of custom resource definitions: complete where they validate, and accepted."""

import json
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from rehearsal import crds
from rehearsal.api import Api
from rehearsal.control_plane import ControlPlane
from rehearsal.crds.__main__ import CHARTS, main, rendered
from rehearsal.crds.excerpt import LINE_LENGTH, compact_json, excerpt, structure
from rehearsal.layout import REPOSITORY
from rehearsal.providers.kubernetes.servicer import KubernetesProvider
from rehearsal.providers.plugin import ProviderError
from rehearsal.providers.values import Properties
from tests.rehearsal.conftest import Kubectl, established, eventually
from tests.rehearsal.emptied import DEFINITIONS
from tests.rehearsal.kubernetes_hand import Resource, connected

SOURCE_VARIABLE = "LLM_PLATFORM_CRDS"
SOURCE = Path(os.environ.get(SOURCE_VARIABLE, REPOSITORY.parent / "shared/crds"))
"""The originals, where a person has them."""
FILES = sorted(crds.EXCERPTS.glob("*/*.json"))
MANY = 1024 * 1024


def test_the_excerpts_are_what_the_script_makes_of_their_sources():
    if SOURCE.is_dir():
        made = {str(path): text for path, text in rendered(SOURCE).items()}
        assert made == {str(each.relative_to(crds.EXCERPTS)): each.read_text() for each in FILES}
    assert {each.parent.name for each in FILES} == set(CHARTS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_excerpt_says_what_it_is_of_and_holds_no_prose(file: Path):
    text = file.read_text()
    assert len(text) < MANY
    definition = json.loads(text)
    assert definition["metadata"]["name"] == file.stem
    source = definition["metadata"]["annotations"][crds.SOURCE_ANNOTATION]
    repository, _, path = source.partition("@")
    assert repository.count("/") == 1
    assert path.partition(":")[0].startswith("v")
    assert path.endswith(".yaml")
    for version in definition["spec"]["versions"]:
        assert version["served"]
        schema = version["schema"]["openAPIV3Schema"]
        assert structure(schema) == schema
    assert compact_json(definition) + "\n" == text


def test_a_property_named_like_prose_stays_and_a_version_that_is_not_served_goes():
    schema = {
        "description": "prose",
        "properties": {"description": {"type": "string", "description": "prose"}},
        "x-kubernetes-validations": [{"rule": "true", "message": "kept"}],
        "additionalProperties": {"anyOf": [{"title": "prose", "type": "string"}]},
    }
    assert structure(schema) == {
        "properties": {"description": {"type": "string"}},
        "x-kubernetes-validations": [{"rule": "true", "message": "kept"}],
        "additionalProperties": {"anyOf": [{"type": "string"}]},
    }
    versions = [
        {"name": name, "served": name == "v1", "schema": {"openAPIV3Schema": schema}}
        for name in ("v1", "v1beta1")
    ]
    spec: dict[str, Any] = {"group": "g", "names": {}, "scope": "Cluster", "versions": versions}
    definition: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "D",
        "metadata": {"name": "x"},
        "spec": spec,
    }
    found = excerpt(definition, "a/b@v1:c.yaml")
    assert [version["name"] for version in found["spec"]["versions"]] == ["v1"]


def test_json_for_people_keeps_what_fits_on_one_line():
    value: dict[str, Any] = {"short": [1, 2], "long": ["x" * 60, "y" * 60], "nothing": {}}
    lines = compact_json(value).splitlines()
    assert ' "short": [1, 2],' in lines
    assert max(map(len, lines)) <= LINE_LENGTH
    assert json.loads("\n".join(lines)) == value


def test_the_script_says_how_it_is_used(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    assert main([]) == main([str(tmp_path)]) == 2
    assert "usage: python -m rehearsal.crds SOURCE_FOLDER" in capsys.readouterr().err


def test_a_chart_without_definitions_has_none_and_kinds_know_their_scope():
    assert crds.excerpts("hami") == ()
    assert crds.namespaced("karpenter.sh", "NodePool") is False
    assert crds.namespaced("postgresql.cnpg.io", "Cluster") is True
    assert crds.namespaced("karpenter.sh", "Cluster") is None


@pytest.fixture(scope="module")
def started(own_plane: ControlPlane) -> ControlPlane:
    return own_plane


@pytest.fixture(scope="module")
def installed(started: ControlPlane, kubectl: Kubectl) -> KubernetesProvider:
    kubectl.run("apply", "--server-side", *(f"--filename={file}" for file in FILES))
    connection = started.connection()
    assert connection is not None
    with closing(Api(connection)) as api:
        eventually(
            "all are established", lambda: all(map(established, api.list(DEFINITIONS) or ()))
        )
    return connected(connection.kubeconfig.read_text())


def test_every_excerpt_is_accepted_as_it_is(installed: KubernetesProvider, kubectl: Kubectl):
    for definition in kubectl.get("crds"):
        conditions = {each["type"]: each for each in definition["status"]["conditions"]}
        broken = conditions.get("NonStructuralSchema", {"status": "False"})
        assert broken["status"] == "False", broken
        assert conditions["NamesAccepted"]["status"] == "True", definition["metadata"]["name"]


def node_pool(**changes: Any) -> Properties:
    reference: Properties = {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "gpu"}
    requirement: Properties = {"key": "karpenter.sh/capacity-type", "operator": "In"}
    requirement["values"] = ["spot"]
    template: Properties = {"nodeClassRef": reference, "requirements": [requirement], **changes}
    return {
        "apiVersion": "karpenter.sh/v1",
        "kind": "NodePool",
        "metadata": {"name": "gpu"},
        "spec": {"limits": {"nvidia.com/gpu": "8"}, "template": {"spec": template}},
    }


def test_a_node_pool_is_taken_and_a_rule_of_its_definition_holds(installed: KubernetesProvider):
    pool = Resource(installed, "karpenter.sh/v1:NodePool")
    served = eventually("NodePool is served", lambda: pool.create(node_pool(), preview=True))
    assert served == node_pool(), "cluster-scoped: it gets no namespace"
    empty: Properties = {"key": "karpenter.sh/capacity-type", "operator": "In", "values": []}
    for requirements, why in (
        ([empty], "must have a value defined"),
        ([{**empty, "key": "kubernetes.io/hostname", "values": ["a"]}], "is restricted"),
    ):
        with pytest.raises(ProviderError, match=rf"NodePool gpu: .*{why}"):
            pool.create(node_pool(requirements=requirements), preview=True)
    with pytest.raises(ProviderError, match=r"expireAftr.*not declared in schema"):
        pool.create(node_pool(expireAftr="1h"), preview=True)
