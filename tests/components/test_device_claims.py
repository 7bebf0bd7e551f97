"""Claims as the API takes them, and as pods name them."""

from components.device_claims import claim_spec, claims, pod_claims
from planning.specs.devices import ClaimSpec, DeviceRequestSpec

GPU = DeviceRequestSpec(device_class="gpu.nvidia.com")
ONE = ClaimSpec(model="chat", requests=(GPU,))


def requests(*asked: DeviceRequestSpec) -> list[object]:
    return claim_spec(ClaimSpec(model="chat", requests=asked))["devices"]["requests"]


def test_one_ask_is_exact():
    assert claim_spec(ONE) == {
        "devices": {
            "requests": [
                {
                    "name": "gpus",
                    "exactly": {
                        "deviceClassName": "gpu.nvidia.com",
                        "allocationMode": "ExactCount",
                        "count": 1,
                    },
                }
            ]
        }
    }


def test_everything_that_an_ask_may_say_is_said():
    asked = DeviceRequestSpec(
        device_class="hami",
        count=2,
        selectors=("a", "b"),
        capacity={"memory": "8Gi", "cores": "30"},
    )
    assert requests(asked) == [
        {
            "name": "gpus",
            "exactly": {
                "deviceClassName": "hami",
                "allocationMode": "ExactCount",
                "count": 2,
                "selectors": [{"cel": {"expression": "a"}}, {"cel": {"expression": "b"}}],
                "capacity": {"requests": {"memory": "8Gi", "cores": "30"}},
            },
        }
    ]


def test_all_devices_and_admin_access_are_modes_of_an_ask():
    asked = DeviceRequestSpec(device_class="gpu.nvidia.com", count=None, admin_access=True)
    assert requests(asked) == [
        {
            "name": "gpus",
            "exactly": {
                "deviceClassName": "gpu.nvidia.com",
                "allocationMode": "All",
                "adminAccess": True,
            },
        }
    ]


def test_alternatives_have_names_in_their_order():
    (request,) = claim_spec(ClaimSpec(model="chat", requests=(GPU, GPU)))["devices"]["requests"]
    assert request.keys() == {"name", "firstAvailable"}
    assert [one["name"] for one in request["firstAvailable"]] == ["choice-1", "choice-2"]


def test_constraints_are_about_the_one_request():
    spec = ONE.model_copy(update={"match_attribute": "a/b", "distinct_attribute": "a/uuid"})
    assert claim_spec(spec)["devices"]["constraints"] == [
        {"requests": ["gpus"], "matchAttribute": "a/b"},
        {"requests": ["gpus"], "distinctAttribute": "a/uuid"},
    ]


def test_a_pod_names_its_template_or_the_claim_that_it_holds_with_others():
    shared = ONE.model_copy(update={"shared": True})
    template = {"name": "gpus", "resourceClaimTemplateName": ONE.name}
    together = {"name": "gpus", "resourceClaimName": shared.name}
    assert pod_claims(ONE) == {"resourceClaims": [template]}
    assert pod_claims(shared) == {"resourceClaims": [together]}
    assert claims(ONE) == {"claims": [{"name": "gpus"}]}


def test_without_a_claim_nothing_is_said():
    assert (pod_claims(None), claims(None)) == ({}, {})
