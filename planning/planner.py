"""From an environment to its plan, or a refusal with every finding."""

from collections.abc import Iterable, Mapping
from typing import Any

from planning import releases
from planning.bench import bench_rules, benches
from planning.certificates import cert_manager, certificates
from planning.claimed_devices import (
    claims_by_karpenter,
    device_classes,
    device_monitor,
    hami_driver,
    nvidia_driver,
)
from planning.cluster import STORAGE, cluster, has_auto_mode, system_nodes
from planning.cost import can_be_priced, cost
from planning.fit_rules import fit_warnings
from planning.gateway import gateway
from planning.gpu_nodes import auto_pool, gpu_pool
from planning.judgement import order_warnings, over_budget, unplaced, warnings
from planning.loading import hub_token, prefetches
from planning.managed_nodes import managed_gpu_nodes
from planning.model_fit import model_fit
from planning.model_services import model_service
from planning.naming import cluster_name
from planning.network import network
from planning.node_marks import tolerations
from planning.packing import packings
from planning.placement import place
from planning.plan import Cost, Placement, Plan, PoolSummary
from planning.plugin_configs import plugin_configuration
from planning.plugin_scaling import plugin_warnings
from planning.pool_facts import PoolFacts, known_pools
from planning.priorities import priorities
from planning.quotas import quota_needs, quota_warnings
from planning.roll_peak import roll_peaks
from planning.rolls import planned_rolls, roll_warnings
from planning.rules import broken_rules
from planning.specs.base import GATEWAY_NAMESPACE, MODELS_NAMESPACE
from planning.specs.infrastructure import KarpenterSpec
from planning.specs.pools import NamespaceSpec
from planning.storage import aws_budget, model_bucket, shared_files
from settings.auto_pool import AutoPool
from settings.environment import Environment
from settings.finding import Finding, RefusedError
from settings.karpenter_pool import KarpenterPool
from settings.managed_pool import ManagedPool
from settings.reading import read_environment
from settings.sharing import HamiSharing


def plan_config(stack: str, config: Mapping[str, Any]) -> Plan:
    """Read the `config:` mapping of a stack and plan it.

    Raises:
        RefusedError: with every finding, of the file's shape and of the rules between layers.
    """
    reading = read_environment(stack, config)
    if reading.environment is None:
        raise RefusedError(reading.findings)
    if not reading.findings:
        return plan(reading.environment)
    try:
        plan(reading.environment)
    except RefusedError as refused:
        raise RefusedError((*reading.findings, *refused.findings)) from None
    raise RefusedError(reading.findings)


def plan(environment: Environment) -> Plan:
    """Return the plan.

    Raises:
        RefusedError: with every finding.
    """
    findings = list(broken_rules(environment))
    pools = known_pools(environment.platform.pools, environment.region)
    # A broken entry is left out of the placement: what is wrong with it has been said.
    wrong_pools, wrong_models = _entries(findings, "pools"), _entries(findings, "models")
    sound = [
        (name, model)
        for name, model in environment.platform.models.items()
        if model.pool in pools.keys() - wrong_pools and name not in wrong_models
    ]
    for name, model in sound:
        findings += bench_rules(name, model, pools[model.pool], environment.platform.models)
    placement = place(sound, pools)
    findings += unplaced(placement, pools)
    if can_be_priced(environment):
        bill = cost(environment, pools, placement.nodes)
        findings += over_budget(environment, bill)
        if not findings:
            return _assemble(environment, pools, placement, bill)
    raise RefusedError(findings)


def _entries(findings: Iterable[Finding], section: str) -> set[str]:
    """Return the entries of a section that findings are about."""
    paths = (finding.path.split(".") for finding in findings)
    return {path[1] for path in paths if path[0] == section and len(path) > 1}


def _assemble(
    environment: Environment, pools: dict[str, PoolFacts], placement: Placement, bill: Cost
) -> Plan:
    platform = environment.platform
    fits = {key: model_fit(key, model, pools[model.pool]) for key, model in platform.models.items()}
    peaks = roll_peaks(platform.models, pools, placement)
    models = tuple(
        model_service(key, model, pools[model.pool], fits[key], peaks[key].rollout)
        for key, model in platform.models.items()
    )
    rolls = planned_rolls(models, pools, peaks)
    groups = tuple(
        managed_gpu_nodes(pool, pool.settings, platform.cluster.kubernetes, environment.stack)
        for pool in pools.values()
        if isinstance(pool.settings, ManagedPool)
    )
    return Plan(
        stack=environment.stack,
        template=platform.template,
        region=environment.region,
        network=network(environment),
        cluster=cluster(environment),
        system_nodes=system_nodes(environment),
        storage=STORAGE,
        model_bucket=model_bucket(environment),
        shared_files=shared_files(environment),
        hub_token=hub_token(environment),
        prefetches=prefetches(environment),
        aws_budget=aws_budget(environment),
        karpenter=None if has_auto_mode(environment) else _karpenter(environment, pools),
        gpu_pools=tuple(
            gpu_pool(pool, pool.settings, environment.stack)
            for pool in pools.values()
            if isinstance(pool.settings, KarpenterPool)
        ),
        auto_pools=tuple(
            auto_pool(pool, pool.settings, environment.stack)
            for pool in pools.values()
            if isinstance(pool.settings, AutoPool)
        ),
        managed_gpu_nodes=groups,
        cluster_autoscaler=releases.cluster_autoscaler(
            groups, platform.cluster.kubernetes, environment.region
        ),
        cert_manager=cert_manager(environment),
        certificates=certificates(environment),
        gpu_operator=releases.gpu_operator(
            tolerations(pools.values()), plugin_configuration(pools.values())
        ),
        hami=releases.hami(
            (
                pool.sharing.splits
                for pool in platform.pools.values()
                if isinstance(pool.sharing, HamiSharing)
            ),
            platform.cluster.kubernetes,
            tolerations(pools.values()),
        ),
        nvidia_dra=nvidia_driver(pools.values()),
        hami_dra=hami_driver(pools.values()),
        device_classes=device_classes(pools.values()),
        device_monitor=device_monitor(pools.values()),
        keda=releases.keda(),
        database_operator=releases.cloudnative_pg(),
        models_namespace=NamespaceSpec(name=MODELS_NAMESPACE, pod_security="restricted"),
        priorities=priorities(platform.models.values(), pools),
        models=models,
        benches=benches(platform.models, models),
        fits=tuple(spec for key, fit in fits.items() if (spec := fit.spec(key))),
        gateway_namespace=NamespaceSpec(name=GATEWAY_NAMESPACE, pod_security="restricted"),
        gateway=gateway(platform.gateway, models),
        pools=tuple(_summary(pool, placement) for pool in pools.values()),
        placement=placement,
        rolls=rolls,
        packing=packings(platform.models.values(), pools.values(), placement.nodes),
        cost=bill,
        quotas=quota_needs(environment, pools.values()),
        warnings=(
            *warnings(environment, bill),
            *order_warnings(placement),
            *roll_warnings(rolls, models, pools),
            *plugin_warnings(environment, pools),
            *fit_warnings(environment, pools),
            *quota_warnings(pools.values()),
        ),
    )


def _karpenter(environment: Environment, pools: dict[str, PoolFacts]) -> KarpenterSpec:
    platform = environment.platform
    return releases.karpenter(
        cluster_name(environment.stack),
        environment.region,
        platform.karpenter.version,
        private=platform.network.private,
        node_overlay=platform.karpenter.node_overlay,
        claims=claims_by_karpenter(pools.values()),
    )


def _summary(pool: PoolFacts, placement: Placement) -> PoolSummary:
    return PoolSummary(
        name=pool.name,
        provisioner=pool.settings.provisioner,
        sharing=pool.settings.sharing.kind,
        instance_types=tuple(found.name for found in pool.types),
        gpus_per_node=tuple(found.gpus for found in pool.types),
        usd_per_hour=tuple(map(pool.usd_per_hour, pool.types)),
        gpu_name=pool.gpu_name,
        gpu_memory_mib=pool.gpu_memory_mib,
        gpus_floor=sum(node.gpus for node in placement.nodes if node.pool == pool.name),
        gpus_limit=pool.gpus_limit,
    )
