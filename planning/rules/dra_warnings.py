"""What works with claimed devices but will surprise."""

from collections.abc import Iterator

from catalog.karpenter import LONG_TERM_RELEASE
from planning.rules.dra_supply import KARPENTER_DRA
from planning.sharing.claims import Named, asked_device, choices
from settings.devices import DeviceAlternative, DeviceAsk
from settings.environment import Environment
from settings.finding import Finding
from settings.karpenter_pool import KarpenterPool
from settings.models import ModelSettings
from settings.pools import AnyPool
from settings.sharing import DraSharing, HamiDraSharing

WEBHOOK_SOURCE = "Project-HAMi/HAMi-DRA: pkg/webhook/dra/mutating.go; issue 21"
LIST_SOURCE = "Kubernetes 1.36, resource.k8s.io/v1, DeviceRequest.firstAvailable"
GATES_SOURCE = "kubernetes-sigs/dra-driver-nvidia-gpu: pkg/featuregates/featuregates.go"


def dra_warnings(environment: Environment) -> Iterator[Finding]:
    """Yield what works with claimed devices but will surprise."""
    for name, pool in environment.platform.pools.items():
        yield from _pool(name, pool, environment)
    models = environment.platform.models
    for name, model in models.items():
        yield from _model(name, model)
        others = [key for key, one in models.items() if one.pool == model.pool and key != name]
        if others and asked_device(model).same == "pcieRoot":
            yield Finding(
                path=f"models.{name}.device.same",
                problem="is pcieRoot, and the plan counts GPUs, not their roots: replicas of "
                f"{', '.join(others)} may leave no such GPUs free together",
                fix="give the model a pool of its own",
                source="catalog/gpu_topology.py",
            )


def _pool(name: str, pool: AnyPool, environment: Environment) -> Iterator[Finding]:
    sharing, path = pool.sharing, f"pools.{name}.sharing"
    dynamic = isinstance(pool, KarpenterPool) and pool.static_nodes is None
    if isinstance(sharing, DraSharing) and dynamic:
        release = environment.platform.karpenter.version or LONG_TERM_RELEASE.version
        yield Finding(
            path=path,
            problem=f"rests on Karpenter's support of claims, which is alpha in {release}: another "
            "release may start the wrong nodes, or none",
            fix="move `karpenter.version` in dev first, or use `provisioner: managed`",
            source=KARPENTER_DRA,
        )
    if isinstance(sharing, DraSharing) and sharing.dynamic_mig:
        yield Finding(
            path=f"{path}.dynamic_mig",
            problem="rests on the driver's gate DynamicMIG, which is alpha",
            fix="use `sharing: {kind: mig}` where the cut is known beforehand",
            source=GATES_SOURCE,
        )
    if isinstance(sharing, HamiDraSharing) and sharing.conversion_webhook:
        yield Finding(
            path=f"{path}.conversion_webhook",
            problem="is true: pods of other teams that ask for nvidia.com/gpu get a claim on this "
            "driver, wherever they meant to run; while the webhook does not answer, none of their "
            "pods starts (failurePolicy Fail); and claims that no pod owns may stay behind",
            fix=f"leave it out, and let them claim from DeviceClass {name}.llm-platform themselves",
            source=WEBHOOK_SOURCE,
        )


def _model(name: str, model: ModelSettings) -> Iterator[Finding]:
    asks = choices(f"models.{name}", model)
    for path, asked in asks:
        if asked.cel is not None:
            yield Finding(
                path=f"{path}.cel",
                problem="is checked for its words alone: whether it compiles, at a cost that the "
                "API allows, the API server says; whether it holds for a device, the scheduler",
                fix="run `make rehearse`, where both do so before a GPU is paid",
                source="Kubernetes 1.36, resource.k8s.io/v1, CELDeviceSelector",
            )
    for index, (path, asked) in enumerate(asks):
        if earlier := next((one for one in asks[:index] if _covers(one[1], asked)), None):
            yield _never(path, earlier)


def _covers(earlier: DeviceAlternative, later: DeviceAlternative) -> bool:
    """Return whether every node that has room for `later` has room for `earlier`.

    All devices of a pool are alike, so that typed selectors take all of them or are refused.
    """
    everything = isinstance(earlier, DeviceAsk) and earlier.all
    if earlier.cel is not None or everything or earlier.count > later.count:
        return False
    if later.share is None and later.mig is None:
        return True
    if earlier.share and later.share:
        return (
            earlier.share.memory_gib <= later.share.memory_gib
            and earlier.share.cores_percent <= later.share.cores_percent
        )
    return earlier.mig is not None and earlier.mig == later.mig


def _never(path: str, earlier: Named) -> Finding:
    return Finding(
        path=path,
        problem="is never reached: a node with room for it has room for "
        f"{earlier[0].partition('.device')[2].lstrip('.') or 'the first ask'} too, which is tried "
        "before",
        fix="order the asks from the largest to the smallest, or take it out",
        source=LIST_SOURCE,
    )
