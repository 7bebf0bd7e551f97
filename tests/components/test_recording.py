"""The recorder that the component tests look through."""

import pulumi
import pulumi_aws as aws
import pytest

from tests.recording import UNKNOWN, Recording, Secret, record


class Pair(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("llm-platform:index:Pair", name, None, opts)
        first = aws.sqs.Queue(f"{name}-first", opts=pulumi.ResourceOptions(parent=self))
        aws.sqs.Queue(
            f"{name}-second",
            name=first.name,
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=["name"],
                custom_timeouts=pulumi.CustomTimeouts(delete="5m"),
            ),
        )
        self.register_outputs({"url": first.url})


def pair(*, preview: bool = False) -> Recording:
    return record(lambda: Pair("pair", pulumi.ResourceOptions(protect=True)), preview=preview)


def test_a_registration_shows_what_the_engine_would_receive():
    second = pair()["pair-second"]
    assert second.type == "aws:sqs/queue:Queue"
    assert (second.parent, second.after) == ("pair", {"pair-first"})
    assert (second.protect, second.delete_timeout, second.ignored) == (True, "5m", ("name",))
    assert second.inputs == {"name": "pair-first-1a2b3c4"}


def test_a_component_shows_its_outputs():
    assert pair()["pair"].outputs["url"].startswith("https://sqs.")
    assert pair()["pair"].parent is None


def test_nothing_a_provider_computes_is_known_in_a_first_preview():
    recorded = pair(preview=True)
    assert recorded["pair-second"].inputs == {"name": UNKNOWN}
    assert recorded["pair"].outputs == {"url": UNKNOWN}


def test_a_secret_stays_recognizable():
    def program() -> None:
        aws.sqs.Queue("queue", policy=pulumi.Output.secret("hidden"))

    assert record(program)["queue"].inputs == {"policy": Secret("hidden")}


def test_two_resources_of_one_name_are_refused():
    def program() -> None:
        for _ in range(2):
            aws.sqs.Queue("queue")

    with pytest.raises(AssertionError, match="two resources are named queue"):
        record(program)


def test_asking_the_cloud_is_refused():
    def program() -> None:
        pulumi.export("zones", aws.get_availability_zones().names)

    with pytest.raises(AssertionError, match="the program must not ask the cloud"):
        record(program)


def test_an_option_of_a_component_orders_the_component_and_not_its_children():
    def program() -> None:
        other = aws.sqs.Queue("other")
        Pair("pair", pulumi.ResourceOptions(depends_on=[other]))

    recorded = record(program)
    assert recorded["pair"].after == {"other"}
    assert recorded["pair-first"].after == frozenset()
