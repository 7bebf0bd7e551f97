"""A load test in a whole environment: its own objects, the model's policy, and nothing else."""

from copy import deepcopy
from typing import Any

from settings.environment import PLATFORM_KEY
from tests.program import config_of, record_environment
from tests.recording import Recording

MODEL = "qwen3-8b"


def with_bench(**settings: object) -> Recording:
    config: dict[str, Any] = deepcopy(config_of("dev"))
    config[PLATFORM_KEY]["models"][MODEL]["bench"] = settings
    return record_environment("dev", config)


def test_a_test_adds_its_objects_and_opens_the_model_s_policy_for_them():
    before, after = record_environment("dev"), with_bench()
    assert after.keys() - before.keys() == {
        *("qwen3-8b-bench", "qwen3-8b-bench-account", "qwen3-8b-bench-job"),
    }
    changed = {name for name in before if before[name].inputs != after[name].inputs}
    assert changed == {"qwen3-8b-ingress"}
    labels = after["qwen3-8b-bench-job"].inputs["spec"]["template"]["metadata"]["labels"]
    (rule,) = after["qwen3-8b-ingress"].inputs["spec"]["ingress"]
    (let_in,) = (
        peer["podSelector"]["matchLabels"] for peer in rule["from"] if "podSelector" in peer
    )
    assert let_in.items() <= labels.items()
    service = after["qwen3-8b-service"].inputs["spec"]["selector"]
    assert not service.items() <= labels.items()


def test_other_settings_are_another_job_of_the_same_component():
    one, other = with_bench(requests=100), with_bench(requests=200)
    names = [found["qwen3-8b-bench-job"].inputs["metadata"]["name"] for found in (one, other)]
    assert len({*names}) == 2
    assert all(name.startswith("qwen3-8b-bench-") for name in names)
    changed = {name for name in one if one[name].inputs != other[name].inputs}
    assert changed == {"qwen3-8b-bench-job"}


def test_a_result_that_is_kept_adds_a_role_for_its_account_and_touches_no_bucket():
    logged, kept = with_bench(), with_bench(results="bucket")
    assert kept.keys() - logged.keys() == {
        f"qwen3-8b-bench-{part}" for part in ("role", "policy", "identity")
    }
    changed = {name for name in logged if logged[name].inputs != kept[name].inputs}
    assert changed == {"qwen3-8b-bench-job"}
    job = kept["qwen3-8b-bench-job"]
    assert {"qwen3-8b-bench-identity", "qwen3-8b-bench-policy", "model-store-bucket"} <= job.after
    pod = job.inputs["spec"]["template"]["spec"]
    account = kept["qwen3-8b-bench-identity"].inputs["serviceAccount"]
    assert pod["serviceAccountName"] == account
    name = {"name": "MODEL_BUCKET", "value": "model-store-bucket-id"}
    assert name in pod["containers"][0]["env"]
    assert name not in pod["initContainers"][0]["env"]
