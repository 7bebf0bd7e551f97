"""Every layer's part of a plan, from an environment that nothing is wrong with."""

from planning import releases
from planning.foundation.certificates import cert_manager, certificates
from planning.foundation.cluster import cluster, has_auto_mode, storage, system_nodes
from planning.foundation.network import network
from planning.foundation.quotas import quota_needs, quota_warnings
from planning.foundation.secrets import external_secrets
from planning.foundation.storage import aws_budget, model_bucket, shared_files
from planning.gateway import gateway
from planning.models.bench import benches
from planning.models.fit import model_fit
from planning.models.loading import hub_token, prefetches
from planning.models.priorities import priorities
from planning.models.router import router
from planning.models.services import Entry, model_route, model_services
from planning.naming import cluster_name
from planning.node_images.image import driver_site
from planning.placing.packing import packings
from planning.placing.roll_peak import roll_peaks
from planning.placing.rolls import planned_rolls, roll_warnings
from planning.plan import Plan
from planning.pools.claimed_devices import (
    claims_by_karpenter,
    device_classes,
    device_monitor,
    hami_driver,
    nvidia_driver,
)
from planning.pools.dynamic import auto_pool, gpu_pool
from planning.pools.efa import efa_device_plugin
from planning.pools.facts import PoolFacts
from planning.pools.managed import managed_gpu_nodes
from planning.pools.marks import tolerations
from planning.pools.plugin_configs import plugin_configuration
from planning.pools.plugin_scaling import plugin_warnings
from planning.rules.cache import cache_warnings
from planning.rules.fit import fit_warnings
from planning.rules.groups import group_warnings
from planning.rules.judgement import order_warnings, warnings
from planning.rules.prefill_warnings import prefill_warnings
from planning.rules.static_pools import static_pool_warnings
from planning.specs.base import GATEWAY_NAMESPACE, MODELS_NAMESPACE
from planning.specs.costs import Cost
from planning.specs.infrastructure import KarpenterSpec
from planning.specs.placement import Placement, PoolSummary
from planning.specs.pools import NamespaceSpec
from settings.auto_pool import AutoPool
from settings.environment import Environment
from settings.karpenter_pool import KarpenterPool
from settings.managed_pool import ManagedPool
from settings.sharing import HamiSharing


def assemble(
    environment: Environment, pools: dict[str, PoolFacts], placement: Placement, bill: Cost
) -> Plan:
    """Return the plan of an environment that nothing is wrong with."""
    platform = environment.platform
    fits = {key: model_fit(key, model, pools[model.pool]) for key, model in platform.models.items()}
    peaks = roll_peaks(platform.models, pools, placement)
    entries = [
        Entry(
            name=key, model=model, pool=pools[model.pool], fit=fits[key], rollout=peaks[key].rollout
        )
        for key, model in platform.models.items()
    ]
    sets = [(entry, model_services(entry)) for entry in entries]
    models = tuple(spec for _, services in sets for spec in services)
    routes = tuple(map(model_route, entries))
    door, token = gateway(platform.gateway, routes), hub_token(environment)
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
        storage=storage(environment),
        model_bucket=model_bucket(environment),
        shared_files=shared_files(environment),
        hub_token=token,
        external_secrets=external_secrets(environment, door, token),
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
            tolerations(pools.values()),
            plugin_configuration(pools.values()),
            driver_site(pool.image for pool in pools.values()),
            service_monitor=platform.observability.service_monitors,
        ),
        hami=releases.hami(
            (
                pool.sharing.splits
                for pool in platform.pools.values()
                if isinstance(pool.sharing, HamiSharing)
            ),
            platform.cluster.kubernetes,
            tolerations(pools.values()),
            driver_site(pool.image for pool in pools.values()),
        ),
        nvidia_dra=nvidia_driver(pools.values()),
        hami_dra=hami_driver(pools.values()),
        efa_device_plugin=efa_device_plugin(pools.values(), environment.region),
        device_classes=device_classes(pools.values()),
        device_monitor=device_monitor(pools.values()),
        keda=releases.keda(),
        lws=releases.lws() if any(spec.group for spec in models) else None,
        database_operator=releases.cloudnative_pg(),
        models_namespace=NamespaceSpec(name=MODELS_NAMESPACE, pod_security="restricted"),
        priorities=priorities(platform.models.values(), pools),
        models=models,
        routes=routes,
        routers=tuple(found for entry, services in sets if (found := router(entry, services))),
        benches=benches(environment, models, routes),
        fits=tuple(spec for key, fit in fits.items() if (spec := fit.spec(key))),
        gateway_namespace=NamespaceSpec(name=GATEWAY_NAMESPACE, pod_security="restricted"),
        gateway=door,
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
            *cache_warnings(environment, pools),
            *plugin_warnings(environment, pools),
            *static_pool_warnings(environment, pools),
            *group_warnings(environment, pools),
            *fit_warnings(environment, pools),
            *prefill_warnings(environment, pools),
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
        static_capacity=platform.karpenter.static_capacity,
        spot_role=platform.karpenter.spot_role,
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
