"""Every operator: a namespace, a release, and an output that waits for both."""

import pulumi
import pytest

from components.cert_manager import CertManager
from components.database_operator import DatabaseOperator
from components.external_secrets import ExternalSecrets
from components.gpu_operator import GpuOperator
from components.hami import Hami
from components.hami_dra import HamiDra
from components.keda import Keda
from components.nvidia_dra import NvidiaDra
from components.operator import Operator, OperatorArgs
from tests.components.workload_specs import OPERATOR
from tests.recording import Recording, record

RELEASE = "kubernetes:helm.sh/v3:Release"


def recorded(kind: type[Operator] = Keda, *, preview: bool = False) -> Recording:
    def program() -> None:
        made = kind("keda", OperatorArgs(spec=OPERATOR))
        pulumi.export("namespace", made.namespace)

    return record(program, preview=preview)


@pytest.mark.parametrize(
    ("kind", "token"),
    [
        (CertManager, "llm-platform:index:CertManager"),
        (ExternalSecrets, "llm-platform:index:ExternalSecrets"),
        (GpuOperator, "llm-platform:index:GpuOperator"),
        (Hami, "llm-platform:index:Hami"),
        (NvidiaDra, "llm-platform:index:NvidiaDra"),
        (HamiDra, "llm-platform:index:HamiDra"),
        (Keda, "llm-platform:index:Keda"),
        (DatabaseOperator, "llm-platform:index:DatabaseOperator"),
    ],
)
def test_each_operator_has_its_own_type(kind: type[Operator], token: str):
    assert recorded(kind)["keda"].type == token


def test_the_release_goes_into_the_namespace_after_it_is_made():
    found = recorded()
    assert found.children("keda") == {"keda-namespace", "keda-release"}
    assert "keda-namespace" in found["keda-release"].after
    assert found["keda-release"].inputs["namespace"] == "keda"
    assert found["keda-release"].inputs["values"] == {"replicas": 1}
    labels = found["keda-namespace"].inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize("preview", [False, True])
def test_the_namespace_is_known_even_in_a_first_preview(*, preview: bool):
    assert recorded(preview=preview)["keda"].outputs == {"namespace": "keda"}


def test_what_depends_on_an_operator_waits_for_its_release():
    def program() -> None:
        cert_manager = CertManager("cert-manager", OperatorArgs(spec=OPERATOR))
        Hami("hami", OperatorArgs(spec=OPERATOR, after=(cert_manager,)))

    found = record(program)
    assert "cert-manager-release" in found["hami-release"].after


def test_namespaces_wait_for_nothing_so_that_a_destroy_ends_them_together():
    found = record(lambda: Hami("hami", OperatorArgs(spec=OPERATOR)))
    assert found["hami-namespace"].after == frozenset()
