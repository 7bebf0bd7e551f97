"""External Secrets: what it is allowed, and what of it is left out."""

from catalog.charts import EXTERNAL_SECRETS
from planning.releases.base import operator
from planning.specs.pools import OperatorSpec


def external_secrets(service_account: str) -> OperatorSpec:
    """Return the operator with its CRDs, which go when it goes.

    It may not ask for tokens of other ServiceAccounts, by which it could take any role of the
    cluster, nor change namespaces, nor write to a store: its own role is all that it needs.
    """
    return operator(
        EXTERNAL_SECRETS,
        "restricted",
        {
            "installCRDs": True,
            "serviceAccount": {"name": service_account},
            "rbac": {"serviceAccountTokenCreate": False},
            "processClusterExternalSecret": False,
            "processPushSecret": False,
            "processClusterPushSecret": False,
        },
    )
