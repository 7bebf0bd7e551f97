"""The default StorageClass."""

from components.storage import Storage, StorageArgs
from planning.specs.infrastructure import StorageSpec
from tests.recording import record


def test_volumes_are_encrypted_and_made_where_their_pod_runs() -> None:
    spec = StorageSpec(class_name="gp3", tags={"stack": "dev", "project": "llm-platform"})
    recording = record(lambda: Storage("storage", StorageArgs(spec=spec)))
    made = recording["storage-class"]
    assert made.parent == "storage"
    assert made.inputs["parameters"] == {
        "type": "gp3",
        "encrypted": "true",
        "tagSpecification_1": "project=llm-platform",
        "tagSpecification_2": "stack=dev",
    }
    assert made.inputs["volumeBindingMode"] == "WaitForFirstConsumer"
    assert made.inputs["metadata"]["name"] == "gp3"
    annotations = made.inputs["metadata"]["annotations"]
    assert annotations == {"storageclass.kubernetes.io/is-default-class": "true"}
