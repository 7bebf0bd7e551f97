"""Replicas that keep a volume each: the StatefulSet, its pod, and what tidies the volume."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from components.cache_program import keep
from components.keda import Keda
from components.model_service import ModelService, ModelServiceArgs
from components.operator import OperatorArgs
from components.workloads.cache_volume import PROGRAM
from components.workloads.deployment import deployment_spec
from components.workloads.stateful_set import stateful_set_spec
from planning.specs.cache import CacheSpec
from planning.specs.models import ModelServiceSpec
from tests.components.workload_specs import MODEL, OPERATOR
from tests.pod_security import pods, violations
from tests.recording import Recording, record

KEPT = MODEL.model_copy(
    update={
        "cache": CacheSpec(
            storage_class="gp3",
            gib=33,
            weights_gib=16.79,
            others_gib=16,
            folder="0123456789abcdef",
            usd_per_month=Decimal("2.64"),
        ),
        "rollout": "in-place",
    }
)


def recorded(spec: ModelServiceSpec = KEPT) -> Recording:
    def program() -> None:
        keda = Keda("keda", OperatorArgs(spec=OPERATOR))
        gpus = Keda("gpus", OperatorArgs(spec=OPERATOR))
        args = ModelServiceArgs(spec=spec, namespace="models", keda=keda, after=(gpus,))
        ModelService("qwen", args)

    return record(program)


def rendered() -> dict[str, Any]:
    return stateful_set_spec(KEPT, "account")


def pod() -> dict[str, Any]:
    return rendered()["template"]["spec"]


def test_a_service_that_keeps_volumes_is_a_stateful_set_that_keda_scales():
    found = recorded()
    assert KEPT.shape == "stateful-set"
    assert "qwen-deployment" not in found
    assert found["qwen-stateful-set"].type == "kubernetes:apps/v1:StatefulSet"
    assert found["qwen-stateful-set"].parent == "qwen"
    assert {"gpus-release", "qwen-account"} <= found["qwen-stateful-set"].after
    assert found["qwen-stateful-set"].delete_timeout == "400s"
    target = found["qwen-scaler-object"].inputs["spec"]["scaleTargetRef"]
    assert target == {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "qwen3-8b"}
    assert "replicas" not in rendered()


def test_every_replica_gets_an_encrypted_gp3_volume_that_one_node_mounts_at_a_time():
    (claim,) = rendered()["volumeClaimTemplates"]
    assert claim == {
        "metadata": {"name": "cache", "labels": KEPT.selector},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "gp3",
            "resources": {"requests": {"storage": "33Gi"}},
        },
    }


def test_a_volume_stays_for_a_replica_that_comes_back_and_goes_with_its_model():
    assert rendered()["persistentVolumeClaimRetentionPolicy"] == {
        "whenDeleted": "Delete",
        "whenScaled": "Retain",
    }


def test_a_roll_replaces_every_replica_and_one_that_never_starts_holds_up_no_repair():
    assert rendered()["podManagementPolicy"] == "Parallel"
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}
    assert rendered()["updateStrategy"] == rolling


def test_all_caches_of_the_engine_lie_on_the_volume_below_the_folder_of_its_revision():
    container = pod()["containers"][0]
    mounts = [
        (each["mountPath"], each["name"], each["subPath"]) for each in container["volumeMounts"][:2]
    ]
    assert mounts[0] == ("/home/vllm", "scratch", "home")
    cache = {"name": "cache", "mountPath": "/home/vllm/.cache", "subPath": "0123456789abcdef"}
    assert cache in container["volumeMounts"]
    variables = {each["name"]: each.get("value", "") for each in container["env"]}
    for name in ("HF_HOME", "VLLM_CACHE_ROOT", "TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR"):
        assert variables[name].startswith("/home/vllm/.cache/")
    assert all(volume["name"] != "cache" for volume in pod()["volumes"])


def test_the_engines_user_may_write_to_a_new_volume_and_the_pod_stays_restricted():
    found = dict(pods(recorded()))
    assert violations(found["qwen-stateful-set"]) == []
    security = found["qwen-stateful-set"]["securityContext"]
    assert (security["fsGroup"], security["runAsUser"]) == (2000, 2000)
    assert security["fsGroupChangePolicy"] == "OnRootMismatch"


def test_without_a_volume_nothing_of_it_is_in_the_pod():
    plain = deployment_spec(MODEL, "account")["template"]["spec"]
    assert "initContainers" not in plain
    assert "fsGroup" not in plain["securityContext"]
    assert all(mount["name"] != "cache" for mount in plain["containers"][0]["volumeMounts"])


def test_a_service_that_keeps_nothing_is_told_what_runs_it():
    with pytest.raises(ValueError, match="qwen3-8b keeps no volume: a Deployment runs it"):
        stateful_set_spec(MODEL, "account")


def test_before_the_engine_the_volume_is_tidied_with_the_engines_own_image():
    (tidy,) = pod()["initContainers"]
    assert tidy["command"] == ["python3", "-c", PROGRAM]
    assert tidy["args"] == ["/cache", "0123456789abcdef"]
    assert tidy["volumeMounts"] == [{"name": "cache", "mountPath": "/cache"}]
    assert tidy["image"] == KEPT.image


def test_only_the_folder_of_this_revision_stays(tmp_path: Path):
    for name in ("new/huggingface", "old/huggingface", "lost+found"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "old/huggingface/model.safetensors").write_bytes(b"old")
    (tmp_path / "new/huggingface/model.safetensors").write_bytes(b"new")
    (tmp_path / "stray").write_text("")
    elsewhere = tmp_path.parent / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "link").symlink_to(elsewhere)
    assert keep(tmp_path, "new") == ["link", "old", "stray"]
    assert sorted(found.name for found in tmp_path.iterdir()) == ["lost+found", "new"]
    assert (tmp_path / "new/huggingface/model.safetensors").read_bytes() == b"new"
    assert elsewhere.is_dir()


def test_the_program_runs_as_its_own_text_and_says_what_went(tmp_path: Path):
    (tmp_path / "old").mkdir()
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), "new"]
    first = subprocess.run(command, check=True, capture_output=True, text=True)
    again = subprocess.run(command, check=True, capture_output=True, text=True)
    assert (first.stdout, again.stdout) == ("removed old\n", "")
