"""What the pod of a model carries so that its engine finds its weights, as plain data."""

import inspect
from dataclasses import dataclass
from typing import Any

import pulumi

from components import weights_program
from components.manifests import CONTAINER_SECURITY, secret_variable, variables
from planning.specs.loading import LoadingSpec

PROGRAM = inspect.getsource(weights_program)
COPY_CPU_MILLI, COPY_MEMORY_MIB = 1000, 1024
"""Eight files at a time with one part of 64 MiB each; less than any engine asks for."""
SCRATCH_VOLUME, FILES_VOLUME, FILES_FOLDER_OF_COPY = "scratch", "model-files", "weights"


@dataclass(frozen=True, kw_only=True)
class LoadingWires:
    """What a way of loading needs and only the update knows; None where nobody needs it."""

    bucket_name: pulumi.Input[str] | None = None
    claim_name: pulumi.Input[str] | None = None
    """Claim on the shared files."""
    token_secret: pulumi.Input[str] | None = None
    """Secret with the token of the Hub."""


NO_WIRES = LoadingWires()
"""Of `hub` without a token."""


@dataclass(frozen=True, kw_only=True)
class PodParts:
    """Parts of a pod."""

    environment: tuple[dict[str, Any], ...]
    """Of the engine's container."""
    mounts: tuple[dict[str, Any], ...]
    """Of the engine's container."""
    volumes: tuple[dict[str, Any], ...]
    init_containers: tuple[dict[str, Any], ...]


def pod_parts(spec: LoadingSpec, wires: LoadingWires, image: str) -> PodParts:
    """Return what a way of loading adds to a pod whose scratch volume is named `scratch`.

    Args:
        spec: The way of loading.
        wires: What it needs.
        image: Of the engine, which has Python and boto3 too: nothing more has to be pulled.

    Raises:
        ValueError: a wire that it needs is None.
    """
    environment = _environment(spec, wires)
    mounts: list[dict[str, Any]] = []
    volumes: list[dict[str, Any]] = []
    if spec.mount is not None:
        claim = _needed(spec, "claim_name", wires.claim_name)
        claimed = {"claimName": claim, "readOnly": True}
        volumes.append({"name": FILES_VOLUME, "persistentVolumeClaim": claimed})
        folder = spec.mount.folder
        mounts.append({"name": FILES_VOLUME, "mountPath": folder, "readOnly": True})
    init: tuple[dict[str, Any], ...] = ()
    if spec.copies is not None:
        place = {
            "name": SCRATCH_VOLUME,
            "mountPath": spec.copies.folder,
            "subPath": FILES_FOLDER_OF_COPY,
        }
        mounts.append({**place, "readOnly": True})
        arguments = ["copy", spec.copies.prefix, spec.copies.folder]
        init = (_copying(image, arguments, environment, place),)
    return PodParts(
        environment=environment,
        mounts=tuple(mounts),
        volumes=tuple(volumes),
        init_containers=init,
    )


def _environment(spec: LoadingSpec, wires: LoadingWires) -> tuple[dict[str, Any], ...]:
    found = variables(spec.environment)
    if spec.bucket_variable is not None:
        bucket = _needed(spec, "bucket_name", wires.bucket_name)
        found.append({"name": spec.bucket_variable, "value": bucket})
    if spec.token_variable is not None:
        secret = _needed(spec, "token_secret", wires.token_secret)
        found.append(secret_variable(spec.token_variable, secret, spec.token_variable))
    return tuple(found)


def _needed(spec: LoadingSpec, name: str, wire: pulumi.Input[str] | None) -> pulumi.Input[str]:
    if wire is None:
        raise ValueError(f"loading of kind {spec.kind} needs `{name}`, and it is None")
    return wire


def _copying(
    image: str, arguments: list[str], environment: tuple[dict[str, Any], ...], place: dict[str, Any]
) -> dict[str, Any]:
    """Return the init container; it ends before the engine asks for anything."""
    memory = f"{COPY_MEMORY_MIB}Mi"
    return {
        "name": "copy-weights",
        "image": image,
        "command": ["python3", "-c", PROGRAM],
        "args": arguments,
        "env": [*environment],
        "securityContext": CONTAINER_SECURITY,
        "resources": {
            "requests": {"cpu": f"{COPY_CPU_MILLI}m", "memory": memory},
            "limits": {"memory": memory},
        },
        "volumeMounts": [place],
    }
