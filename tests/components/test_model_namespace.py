"""The models' namespace lets no pod in that may do harm, and no traffic at all by itself."""

from components.model_namespace import ModelNamespace, ModelNamespaceArgs
from tests.components.workload_specs import MODELS_NAMESPACE_SPEC
from tests.recording import Recording, record


def recorded() -> Recording:
    return record(lambda: ModelNamespace("models", ModelNamespaceArgs(spec=MODELS_NAMESPACE_SPEC)))


def test_pods_are_held_to_the_restricted_standard():
    labels = recorded()["models-namespace"].inputs["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_nothing_enters_until_a_policy_lets_it():
    policy = recorded()["models-deny"]
    assert policy.inputs["spec"] == {"podSelector": {}, "policyTypes": ["Ingress"]}
    assert policy.inputs["metadata"]["namespace"] == "models"
    assert policy.after == {"models-namespace"}


def test_services_learn_the_name_when_the_policy_is_there():
    found = recorded()
    assert found["models"].outputs == {"namespace": "models"}
    assert found.children("models") == {"models-namespace", "models-deny"}
