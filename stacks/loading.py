"""How weights come to the model services: the Hub's token, and Jobs that fill the bucket."""

from dataclasses import dataclass

import pulumi

from components.hub_token import HubToken, HubTokenArgs
from components.model_loading import LoadingWires
from components.model_prefetch import ModelPrefetch, ModelPrefetchArgs
from planning.plan import Plan
from stacks.foundation import Foundation
from stacks.secret_supply import SecretSupply
from stacks.storage import ModelStorage


@dataclass(frozen=True, kw_only=True)
class ModelLoading:
    """What the model services load from."""

    wires: LoadingWires
    prefetches: dict[str, ModelPrefetch]
    """By model that waits for it; several may wait for one."""

    def before(self, model: str) -> tuple[pulumi.Resource, ...]:
        """Return what must have ended before a pod of the model starts."""
        return (self.prefetches[model],) if model in self.prefetches else ()


def bring_weights(
    plan: Plan, foundation: Foundation, storage: ModelStorage, secrets: SecretSupply
) -> ModelLoading:
    """Bring the weights that are wanted into the bucket."""
    token = _token(plan, foundation, storage, secrets)
    bucket, files = storage.bucket, storage.files
    wires = LoadingWires(
        bucket_name=bucket.bucket_name if bucket else None,
        claim_name=files.claim_name if files else None,
        token_secret=token.secret_name if token else None,
    )
    return ModelLoading(wires=wires, prefetches=_prefetches(plan, foundation, storage, wires))


def _token(
    plan: Plan, foundation: Foundation, storage: ModelStorage, secrets: SecretSupply
) -> HubToken | None:
    if plan.hub_token is None or secrets.hub_token is None:
        return None
    return HubToken(
        "hub-token",
        HubTokenArgs(
            spec=plan.hub_token, namespace=storage.home.namespace, values=secrets.hub_token
        ),
        foundation.in_cluster,
    )


def _prefetches(
    plan: Plan, foundation: Foundation, storage: ModelStorage, wires: LoadingWires
) -> dict[str, ModelPrefetch]:
    bucket = storage.bucket
    if bucket is None:
        return {}
    made = [
        ModelPrefetch(
            spec.name,
            ModelPrefetchArgs(
                spec=spec,
                namespace=storage.home.namespace,
                cluster_name=foundation.cluster.cluster_name,
                bucket_name=bucket.bucket_name,
                bucket_arn=bucket.bucket_arn,
                token_secret=wires.token_secret,
                after=(*foundation.runs_pods, *foundation.network.egress),
            ),
            foundation.in_cluster,
        )
        for spec in plan.prefetches
    ]
    pairs = zip(plan.prefetches, made, strict=True)
    return {model: job for spec, job in pairs for model in spec.models}
