"""Every value of every Helm release, of every environment: its chart has it, and of that type."""

from functools import cache
from typing import Any

import pytest
from pydantic import BaseModel

from catalog.chart_values import described_version, wrong_values
from catalog.charts import HAMI, KARPENTER, KARPENTER_CRD
from catalog.eks import KUBERNETES_VERSIONS
from catalog.karpenter import KARPENTER_RELEASES
from planning.plan import Plan
from planning.planner import plan_config
from planning.releases import cert_manager, hami_dra, keda, nvidia_dra
from planning.specs.base import GPU_TOLERATION, Toleration
from planning.specs.infrastructure import ReleaseSpec
from settings.files import read_config, stack_of
from tests.documents import ENVIRONMENT_FILES, REMOVED, REPOSITORY
from tests.helm import chart_of, registered_values, releases_of
from tests.planning.planned import planned
from tests.program import STACKS, record_environment

EXAMPLES = sorted((REPOSITORY / "docs" / "examples").glob("*.yaml"))
FILES = {file.relative_to(REPOSITORY).as_posix(): file for file in (*ENVIRONMENT_FILES, *EXAMPLES)}

WHOLE = {"models.tiny.share": REMOVED}
SCALED = {"pools.l4.nodes": {"min": 0, "max": 2}, "budget.gpus": 10, **WHOLE}
MIG_NODES = {"pools.l4.instances": ["p5.4xlarge"], "models.tiny.mig": "1g.10gb", **WHOLE}
UBUNTU = {"kind": "ubuntu", "release": "24.04", "ami": "ami-0123456789abcdef0"}
ACME = {"email": "ops@gpus.dev", "zones": [{"id": "Z0123456789ABCDEFGHIJ", "domain": "a.io"}]}
OPTIONS: dict[str, dict[str, Any]] = {
    "as little as possible": {"pools.l4": REMOVED, "models.tiny": REMOVED},
    "a private network": {"network": {"private": True, "nat": "none"}},
    "a name at Let's Encrypt": {"certificates.acme": ACME},
    "further taints": {"pools.l40s.taints": [{"key": "team", "value": "search"}]},
    "a group that grows": {"pools.l4.sharing": {"kind": "whole"}, **SCALED},
    "time-slicing": {"pools.l4.sharing": {"kind": "time-slicing", "replicas": 4}, **WHOLE},
    "MPS": {"pools.l4.sharing": {"kind": "mps", "replicas": 4}, **WHOLE},
    "MIG": {"pools.l4.sharing": {"kind": "mig", "profile": "1g.10gb"}, **MIG_NODES},
    "a layout of MIG": {
        **MIG_NODES,
        "pools.l4.sharing": {"kind": "mig", "layout": {"1g.10gb": 2, "2g.20gb": 2}},
    },
    "DRA": {"pools.l4.sharing": {"kind": "dra", "monitor": True}, **WHOLE},
    "DRA as an extended resource": {
        "pools.l4.sharing": {"kind": "dra", "extended_resource": True},
        **WHOLE,
    },
    "dynamic MIG": {"pools.l4.sharing": {"kind": "dra", "dynamic_mig": True}, **MIG_NODES},
    "HAMi DRA": {"pools.l4.sharing": {"kind": "hami-dra"}},
    "HAMi DRA with its webhook": {
        "pools.l4.sharing": {"kind": "hami-dra", "conversion_webhook": True}
    },
    "metrics of GPUs": {"observability": {"service_monitors": True}},
    "secrets of AWS": {"secrets": {"kind": "external-secrets"}},
    **{
        f"{kind} on Ubuntu": {
            "pools.l4.sharing": {"kind": kind},
            "pools.l4.image": UBUNTU,
            "pools.l40s": REMOVED,
            "models.chat": REMOVED,
        }
        for kind in ("hami", "hami-dra")
    },
    "EFA": {
        "pools.l4.instances": ["g6.12xlarge"],
        "pools.l4.sharing": {"kind": "whole"},
        "pools.l4.zone": "us-east-1a",
        "pools.l4.placement_group": "cluster",
        "pools.l4.efa": True,
        "pools.l4.nodes": 2,
        "budget.gpus": 20,
        **WHOLE,
    },
    **{f"Karpenter {version}": {"karpenter.version": version} for version in KARPENTER_RELEASES},
    **{
        f"Kubernetes {minor}": {"cluster.kubernetes": minor, **option}
        for minor in KUBERNETES_VERSIONS
        for option in ({}, {"pools.l4.sharing": {"kind": "whole"}, **SCALED})
    },
}
"""Changes to the small environment, so that every option is on at least once."""
MORE = (GPU_TOLERATION, Toleration(key="team"))
ALONE = {
    "NVIDIA's driver": nvidia_dra(MORE, dynamic_mig=True),
    "HAMi's driver": hami_dra(MORE, conversion_webhook=True, namespaces=("models",)),
}
"""Operators with every switch on, whichever environment wants them."""


@cache
def environment(name: str) -> Plan:
    return plan_config(stack_of(FILES[name]), read_config(FILES[name]))


def slips(release: ReleaseSpec) -> list[str]:
    """Return what Helm would ignore or misread, each with the release it is of."""
    name = chart_of(release.chart)
    return [f"{release.name}: {slip}" for slip in wrong_values(name, release.values)]


def of_described_version(release: ReleaseSpec) -> bool:
    name = chart_of(release.chart)
    if name in {KARPENTER.name, KARPENTER_CRD.name}:
        # An environment may choose another release; its values are held against the usual one.
        return release.version in KARPENTER_RELEASES
    return release.version == described_version(name)


@pytest.mark.parametrize("name", FILES)
def test_a_committed_environment_sets_only_what_its_charts_have(name: str):
    for release in releases_of(environment(name)):
        assert slips(release) == []
        assert of_described_version(release)


@pytest.mark.parametrize("option", OPTIONS)
def test_no_option_sets_what_a_chart_does_not_have(option: str):
    releases = [*releases_of(planned(OPTIONS[option], "us-east-1"))]
    assert len(releases) >= 6
    for release in releases:
        assert slips(release) == []
        assert of_described_version(release)


@pytest.mark.parametrize("name", ALONE)
def test_an_operator_with_every_switch_on_sets_only_what_its_chart_has(name: str):
    assert slips(ALONE[name].release) == []
    assert of_described_version(ALONE[name].release)


@pytest.mark.parametrize("stack", STACKS)
def test_what_is_laid_over_the_values_at_the_update_is_in_the_charts_too(stack: str):
    planned_releases = [*releases_of(environment(f"Pulumi.{stack}.yaml"))]
    registered = registered_values(record_environment(stack))
    assert registered.keys() == {chart_of(release.chart) for release in planned_releases}
    assert len(registered) == len(planned_releases)
    for chart, values in registered.items():
        assert wrong_values(chart, values) == ()


def test_the_contract_names_the_release_and_the_slip():
    release = keda().release.model_copy(update={"values": {"webhooks": {"enabled": "false"}}})
    assert slips(release) == ["keda: webhooks.enabled is 'false', the chart has a bool"]


def test_a_release_of_a_version_without_description_is_noticed():
    assert not of_described_version(keda().release.model_copy(update={"version": "2.19.0"}))


def test_releases_are_found_however_deep_they_are():
    class Part(BaseModel):
        several: tuple[ReleaseSpec, ...]
        by_name: dict[str, ReleaseSpec | None]

    class Whole(BaseModel):
        part: Part
        more: list[ReleaseSpec]

    one, two, three = (
        keda().release,
        cert_manager().release,
        hami_dra((), namespaces=()).release.model_copy(update={"name": HAMI.name}),
    )
    whole = Whole(part=Part(several=(one,), by_name={"a": two, "b": None}), more=[three])
    assert [release.name for release in releases_of(whole)] == ["keda", "cert-manager", "hami"]
