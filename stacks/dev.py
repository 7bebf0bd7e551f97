"""dev: everything in one cluster, nothing protected, so that it can go every evening."""

from planning.plan import Plan
from stacks.certificates import issue_certificates
from stacks.configuration import Secrets
from stacks.foundation import lay_foundation
from stacks.gpu_layer import hand_out_gpus
from stacks.guard_rails import watch_spending
from stacks.loading import bring_weights
from stacks.node_supply import supply_nodes
from stacks.platform import Platform
from stacks.secret_supply import supply_secrets
from stacks.serving import open_gateway, serve_models
from stacks.storage import store_models


def compose(plan: Plan, secrets: Secrets | None) -> Platform:
    """Make the environment, layer by layer."""
    foundation = lay_foundation(plan, protected=False)
    supply = supply_nodes(plan, foundation)
    certificates = issue_certificates(plan, foundation)
    gpus = hand_out_gpus(plan, foundation, supply, certificates.cert_manager)
    storage = store_models(plan, foundation, protected=False)
    supplied = supply_secrets(plan, foundation, secrets)
    loading = bring_weights(plan, foundation, storage, supplied)
    watch_spending(plan, foundation)
    return Platform(
        plan=plan,
        foundation=foundation,
        supply=supply,
        gpus=gpus,
        storage=storage,
        models=serve_models(plan, foundation, supply, gpus, storage, loading=loading),
        gateway=open_gateway(plan, foundation, supplied, protected=False),
    )
