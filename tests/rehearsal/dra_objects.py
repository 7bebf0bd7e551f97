"""Claims, and pods that hold them, as manifests."""

from typing import Any

from catalog.instance_types import INSTANCE_TYPES, InstanceType
from catalog.mig import mig_profiles, place
from planning.specs.base import DEVICE_MANAGER_LABEL, GPU_TAINT, MODEL_LABEL, POOL_LABEL
from rehearsal.fleet import hami_devices, nvidia_devices
from rehearsal.fleet.disks import Disks
from rehearsal.fleet.gpu_devices import gpus_of
from rehearsal.fleet.nodes import NodeGroup, node_manifest
from rehearsal.fleet.resource_slices import Content


def gpu_node(pool: str, instance: str, manager: str, **labels: str) -> dict[str, Any]:
    """Return the only node of a managed group whose GPUs `manager` hands out."""
    marks = {POOL_LABEL: pool, DEVICE_MANAGER_LABEL: manager, **labels}
    group = NodeGroup(
        name=pool,
        region="us-west-2",
        instance=INSTANCE_TYPES[instance],
        capacity_type="ON_DEMAND",
        nodes=1,
        zones=("us-west-2a",),
        disks=Disks(volume_gib=200),
        labels=marks,
        taints=(GPU_TAINT,),
    )
    return node_manifest(group, 0)


def claim_template(name: str, device_class: str, **request: Any) -> dict[str, Any]:
    """Return a template; `constraints` belongs to the claim, all else to its one request."""
    constraints = request.pop("constraints", [])
    exactly = {"deviceClassName": device_class, **request}
    devices = {"requests": [{"name": "gpu", "exactly": exactly}], "constraints": constraints}
    return {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceClaimTemplate",
        "metadata": {"name": name},
        "spec": {"spec": {"devices": devices}},
    }


def selector(expression: str) -> dict[str, Any]:
    """Return a CEL selector."""
    return {"cel": {"expression": expression}}


def claiming_pod(name: str, pool: str, template: str | None, **limits: str) -> dict[str, Any]:
    """Return a replica that holds a claim of `template`, or asks for `limits`."""
    container: dict[str, Any] = {"name": "vllm", "image": "example"}
    spec: dict[str, Any] = {
        "nodeSelector": {POOL_LABEL: pool},
        "tolerations": [{"key": GPU_TAINT.key, "operator": "Exists"}],
        "containers": [container],
    }
    if template is None:
        container["resources"] = {"limits": limits}
    else:
        spec["resourceClaims"] = [{"name": "gpu", "resourceClaimTemplateName": template}]
        container["resources"] = {"claims": [{"name": "gpu"}]}
    metadata = {"name": name, "labels": {MODEL_LABEL: name}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def every_way(instance: InstanceType) -> dict[str, list[Content]]:
    """Return what each driver's slices hold of a type's GPUs: whole, cut, and to be cut."""
    gpus = gpus_of("any", instance)
    profiles = mig_profiles(instance.gpu_name or "", instance.gpu_memory_mib)
    cuts = {gpu.minor: place(profiles, {profiles[0].name: 1}) or () for gpu in gpus if profiles}
    static = nvidia_devices.nvidia_slices(gpus, cuts, dynamic=False) if profiles else []
    return {
        nvidia_devices.DRIVER: [*nvidia_devices.nvidia_slices(gpus, {}, dynamic=True), *static],
        hami_devices.DRIVER: hami_devices.hami_slices(gpus),
    }
