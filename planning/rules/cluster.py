"""Rules of the control plane and of the system nodes."""

from collections.abc import Iterator

from catalog.eks import AS_OF, KUBERNETES_VERSIONS, SUPPORTED_MINORS
from catalog.instance_types import INSTANCE_TYPES, find_instance_type
from catalog.regions import ZONES
from planning.rules.access import access_rules, access_warnings
from planning.rules.pools import INSTANCE_SOURCE, no_price, unknown_type
from settings.environment import Environment
from settings.finding import Finding, counted

VERSION_SOURCE = "Amazon EKS User Guide, kubernetes-versions"
KEY_SOURCE = "Amazon EKS User Guide, enable-kms"


def cluster_rules(environment: Environment) -> Iterator[Finding]:
    """Yield what refuses the cluster or its system nodes."""
    yield from _version(environment)
    yield from access_rules(environment)
    key = environment.platform.cluster.secrets_kms_key_arn
    if key is not None and key.split(":")[3] != environment.region:
        yield Finding(
            path="cluster.secrets_kms_key_arn",
            problem=f"is a key of {key.split(':')[3]}, the cluster is in {environment.region}",
            fix="use a key of the cluster's region",
            source=KEY_SOURCE,
        )
    if environment.region in ZONES:
        yield from _system_nodes(environment)


def cluster_warnings(environment: Environment) -> Iterator[Finding]:
    """Yield what works but will surprise."""
    settings = environment.platform.cluster
    yield from access_warnings(environment)
    minor = KUBERNETES_VERSIONS[settings.kubernetes]
    if minor.is_past or minor.ends_soon:
        ended = "ended" if minor.is_past else "ends"
        yield Finding(
            path="cluster.kubernetes",
            problem=f"standard support of {minor.name} {ended} on {minor.standard_support_ends} "
            f"(read on {AS_OF}); EKS then upgrades the cluster by itself, whatever is written here",
            fix=f"upgrade minor by minor to one of {', '.join(_longer(minor.name))}",
            source=VERSION_SOURCE,
        )
    if settings.secrets_kms_key_arn is not None:
        yield Finding(
            path="cluster.secrets_kms_key_arn",
            problem="cannot be undone: the key can never be taken away, another one replaces the "
            "cluster, and without the key the cluster is lost; AWS encrypts with a key of its own "
            "anyway",
            fix="leave it out unless a rule of yours asks for it",
            source=KEY_SOURCE,
        )
    if INSTANCE_TYPES[settings.system_nodes.instance].arch == "arm64":
        yield Finding(
            path="cluster.system_nodes.instance",
            problem=f"{settings.system_nodes.instance} is arm64; whether every image of the "
            "gateway and of HAMi comes for arm64 was not seen",
            fix="look with `docker manifest inspect` first, or use m7i.xlarge",
            source="catalog/images.py",
        )


def _longer(name: str) -> tuple[str, ...]:
    """Return the minors whose support ends neither before the catalog's day nor soon after it."""
    minors = (KUBERNETES_VERSIONS[found] for found in SUPPORTED_MINORS if found != name)
    return tuple(minor.name for minor in minors if not minor.ends_soon)


def _version(environment: Environment) -> Iterator[Finding]:
    minor = environment.platform.cluster.kubernetes
    if minor not in KUBERNETES_VERSIONS:
        yield Finding(
            path="cluster.kubernetes",
            problem=f"EKS {minor} is not in the catalog",
            fix=f"use one of {', '.join(SUPPORTED_MINORS)}",
            source="catalog/eks.py",
        )


def _system_nodes(environment: Environment) -> Iterator[Finding]:
    name = environment.platform.cluster.system_nodes.instance
    found = find_instance_type(name)
    path = "cluster.system_nodes.instance"
    if found is None:
        yield unknown_type(path, name)
    elif found.gpus:
        yield Finding(
            path=path,
            problem=f"{name} has {counted(found.gpus, 'GPU')} that no controller uses",
            fix="use a type without a GPU, m7i.xlarge",
            source=INSTANCE_SOURCE,
        )
    elif environment.region not in found.usd_per_hour:
        yield no_price(path, name, environment.region)
