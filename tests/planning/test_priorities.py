"""Who goes first of replicas that wait together: the larger ask, and batches after everybody."""

from planning.models.priorities import priorities
from planning.placing.placement import place
from planning.sharing.verdict import Verdict
from tests.planning.pool_facts import managed, model, pools


def test_a_larger_ask_goes_first_and_a_batch_last_however_large_it_is():
    facts = pools(m=managed(4, 4))
    models = [model("m"), model("m", gpus=4, kind="batch"), model("m", gpus=2), model("m", gpus=2)]
    found = priorities(models, facts)
    assert [(one.name, one.value) for one in found] == [
        ("gpu-2000m", 2000),
        ("gpu-1000m", 1000),
        ("batch-gpu-4000m", -996_000),
    ]
    assert [one.description for one in found] == [
        "Replicas of 2 GPU",
        "Replicas of 1 GPU",
        "Replicas for batches of 4 GPU",
    ]


def test_of_a_batch_and_a_chat_that_do_not_both_fit_the_batch_waits():
    facts = pools(m=managed(4, 1))
    models = [("nightly", model("m", gpus=4, kind="batch")), ("chat", model("m"))]
    placement = place(models, facts)
    assert {found.name: found.placed for found in placement.services} == {"nightly": 0, "chat": 1}
    assert placement.pools[0].verdict is Verdict.DOES_NOT_FIT
