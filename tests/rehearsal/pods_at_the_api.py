"""Pods of the models namespace, of every shape of workload, as the API server would get them."""

from collections.abc import Iterator
from typing import Any

from planning.specs.base import MODELS_NAMESPACE
from settings.files import read_config
from tests.pod_security import pods
from tests.program import REPOSITORY, record_environment
from tests.recording import Recording

EXAMPLES = ("cache",)
"""Examples with shapes that prod has not."""
NAMESPACE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {
        "name": MODELS_NAMESPACE,
        "labels": {"pod-security.kubernetes.io/enforce": "restricted"},
    },
}


def environments() -> Iterator[tuple[str, Recording]]:
    """Yield the recorded program of prod and of the examples, by name."""
    yield "prod", record_environment("prod")
    for name in EXAMPLES:
        config = read_config(REPOSITORY / "docs" / "examples" / f"{name}.yaml")
        yield name, record_environment(name, config)


def model_pods() -> Iterator[dict[str, Any]]:
    """Yield a pod for every workload of a model, with its classes of priority and no account.

    The account is the API server's own of the namespace: nothing but the pod is judged.
    """
    for environment, recording in environments():
        for name, spec in pods(recording):
            workload = recording[name.partition("/")[0]]
            if workload.inputs["metadata"].get("namespace") == MODELS_NAMESPACE:
                slug = f"{environment}-{name}".lower().replace("/", "-")
                yield {
                    "apiVersion": "v1",
                    "kind": "Pod",
                    "metadata": {"name": slug, "namespace": MODELS_NAMESPACE},
                    "spec": spec
                    | {"serviceAccountName": "default"}
                    | {"volumes": [*spec.get("volumes", []), *_claimed(workload.inputs["spec"])]},
                }


def _claimed(workload: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the volumes that a StatefulSet puts into its pods."""
    for template in workload.get("volumeClaimTemplates", []):
        name = template["metadata"]["name"]
        yield {"name": name, "persistentVolumeClaim": {"claimName": name}}


def priority_classes() -> dict[str, dict[str, Any]]:
    """Return the PriorityClasses that these pods name, by name."""
    made = (
        each.inputs
        for _, recording in environments()
        for each in recording.of_type("kubernetes:scheduling.k8s.io/v1:PriorityClass")
    )
    return {each["metadata"]["name"]: each for each in made}
