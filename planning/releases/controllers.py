"""Controllers that other layers build on: certificates, scaling, databases."""

from catalog.charts import CERT_MANAGER, CLOUDNATIVE_PG, KEDA
from planning.releases.base import operator
from planning.specs.pools import OperatorSpec


def cert_manager() -> OperatorSpec:
    """Return cert-manager with its CRDs, which go when it goes."""
    return operator(CERT_MANAGER, "restricted", {"crds": {"enabled": True, "keep": False}})


def keda() -> OperatorSpec:
    """Return KEDA."""
    return operator(KEDA, "restricted", {})


def cloudnative_pg() -> OperatorSpec:
    """Return the CloudNativePG operator."""
    return operator(CLOUDNATIVE_PG, "restricted", {})
