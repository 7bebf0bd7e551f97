"""Every mistake of a file at once, and what works but will surprise."""

import pytest
from hypothesis import HealthCheck, given, settings

from planning.planner import plan_config
from settings.finding import RefusedError
from tests.documents import REMOVED
from tests.mangling import mangled
from tests.planning.planned import planned, refusals


def paths(findings: list[str]) -> list[str]:
    return [finding.split(": ")[0] for finding in findings]


def test_five_mistakes_of_five_kinds_are_five_findings_of_one_run():
    found = refusals(
        {
            "network.natt": "single",
            "cluster.system_nodes.count": "3",
            "models.tiny.pool": "h100",
            "models.chat.gpus": 16,
            "budget.gpus": 4,
        }
    )
    assert paths(found) == [
        "budget.gpus",
        "cluster.system_nodes.count",
        "models.chat.gpus",
        "models.tiny.pool",
        "network.natt",
    ]


def test_a_missing_region_hides_no_mistake_of_the_shape():
    found = refusals({"template": "x", "models.chat.context": 1}, region=None)
    assert paths(found) == ["aws:region", "models.chat.context", "template"]


def test_an_unknown_region_hides_no_rule_that_needs_no_price():
    found = refusals({"network.cidr": "10.0.0.0/8", "cluster.kubernetes": "1.20"}, "mars-1")
    assert paths(found) == ["aws:region", "cluster.kubernetes", "network.cidr"]


def test_a_wrong_pool_is_the_only_finding_about_its_models():
    assert paths(refusals({"pools.l40s.gpu_limit": "8"})) == ["pools.l40s.gpu_limit"]
    assert paths(refusals({"pools.l40s.instances": ["g9.huge"]})) == ["pools.l40s.instances"]


def test_a_wrong_model_is_not_judged_by_what_is_left_of_it():
    assert paths(refusals({"models.tiny.share.memory_gib": "6"})) == [
        "models.tiny.share.memory_gib"
    ]


def test_a_stand_in_is_never_planned():
    assert paths(refusals({"budget": None})) == ["budget"]
    assert paths(refusals({"template": REMOVED})) == ["template"]


def test_the_stack_s_name_is_judged_beside_the_rules():
    with pytest.raises(RefusedError) as refused:
        plan_config("Not.a.Stack", {"aws:region": "us-west-2"})
    assert [f.path for f in refused.value.findings] == [
        "Pulumi.<stack>.yaml",
        "llm-platform:platform",
    ]


def test_a_ceiling_beyond_the_budget_is_minded_and_planned():
    (warning,) = planned({"budget.usd_per_month": 2755}).warnings
    assert str(warning) == (
        "budget.usd_per_month: 2,755 USD covers the floor, but everything at its limit all month "
        "would cost 16,436.74 USD; lower gpu_limit or nodes of a pool if such a month must not "
        "happen [planning/cost.py, on-demand prices of the catalog]"
    )


def test_a_model_without_a_commit_is_minded_and_planned():
    (warning,) = planned({"models.chat.revision": REMOVED}).warnings
    assert str(warning) == (
        "models.chat.revision: is not pinned: a restarted replica may load other weights than its "
        "peers; add the commit of Qwen/Qwen3-8B that you have tested "
        "[Hugging Face Hub, repository revisions]"
    )


def test_an_api_open_to_the_internet_is_minded_and_planned():
    access = {"cidrs": ["0.0.0.0/0"], "open_to_the_world": True}
    found = [str(found) for found in planned({"cluster.public_access": access}).warnings]
    assert (
        "cluster.public_access: lets the whole internet reach the API endpoint, as "
        "`open_to_the_world` says; name the blocks you work from "
        "[Amazon EKS Best Practices, Cluster Endpoint Access Control]"
    ) in found


def test_an_environment_without_a_surprise_has_no_warning():
    assert planned().warnings == ()


@given(mangled())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_mangled_document_is_planned_whole_or_refused_with_every_finding(
    document: dict[str, object],
):
    try:
        plan = plan_config("dev", document)
    except RefusedError as refused:
        said = [(found.path, found.problem, found.fix, found.source) for found in refused.findings]
    else:
        said = [(service.name, service.pool) for service in plan.placement.services]
        assert all(service.placed == service.wanted for service in plan.placement.services)
        assert {name for name, _ in said} == {model.model for model in plan.models}
        return
    assert said
    assert all(all(words) for words in said)
