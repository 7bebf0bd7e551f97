"""The gateway's configuration, from the very specs of the models it routes to."""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from catalog.images import LITELLM, POSTGRESQL
from planning.foundation.cluster import STORAGE_CLASS
from planning.specs.base import GATEWAY_NAMESPACE, PART_OF
from planning.specs.gateway import DatabaseSpec, GatewaySpec
from planning.specs.models import ModelRouteSpec
from settings.gateway import LiteLlmGateway

NAME = "litellm"
PORT = 4000
MASTER_KEY_VARIABLE = "LITELLM_MASTER_KEY"
SALT_KEY_VARIABLE = "LITELLM_SALT_KEY"
REQUEST_SECONDS = 600
PRE_STOP_SECONDS = 10
DRAIN_SECONDS = 600
"""A stream may last as long as a request may."""
MARGIN_SECONDS = 20


def gateway(settings: LiteLlmGateway, models: Iterable[ModelRouteSpec]) -> GatewaySpec:
    """Return the gateway in front of the models."""
    config = litellm_config(models)
    selector = {"app.kubernetes.io/name": NAME}
    host = f"{NAME}.{GATEWAY_NAMESPACE}.svc.cluster.local"
    return GatewaySpec(
        name=NAME,
        namespace=GATEWAY_NAMESPACE,
        image=LITELLM.reference,
        replicas=settings.replicas,
        port=PORT,
        labels={**selector, **PART_OF},
        selector=selector,
        config=config,
        config_digest=sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()[:10],
        cpu_milli=1000,
        memory_mib=4096,
        secret_name=f"{NAME}-keys",
        master_key_variable=MASTER_KEY_VARIABLE,
        salt_key_variable=SALT_KEY_VARIABLE,
        host=host,
        url=f"http://{host}:{PORT}",
        pre_stop_seconds=PRE_STOP_SECONDS,
        drain_seconds=DRAIN_SECONDS,
        grace_seconds=PRE_STOP_SECONDS + DRAIN_SECONDS + MARGIN_SECONDS,
        database=_database(settings),
    )


def litellm_config(models: Iterable[ModelRouteSpec]) -> dict[str, Any]:
    """Return LiteLLM's `config.yaml`. Source: LiteLLM docs, proxy/config_settings, proxy/prod."""
    return {
        "model_list": [_route(model) for model in models],
        "router_settings": {
            "routing_strategy": "simple-shuffle",
            "num_retries": 2,
            "timeout": REQUEST_SECONDS,
            "stream_timeout": REQUEST_SECONDS,
        },
        "litellm_settings": {
            "drop_params": True,
            "request_timeout": REQUEST_SECONDS,
            "json_logs": True,
        },
        "general_settings": {
            "master_key": f"os.environ/{MASTER_KEY_VARIABLE}",
            "proxy_batch_write_at": 60,
            "database_connection_pool_limit": 10,
        },
    }


def _route(model: ModelRouteSpec) -> dict[str, Any]:
    return {
        "model_name": model.name,
        "litellm_params": {"model": f"hosted_vllm/{model.name}", "api_base": model.api_base},
        "model_info": {"id": model.name, "mode": "chat", "max_input_tokens": model.context},
    }


def _database(settings: LiteLlmGateway) -> DatabaseSpec:
    name = f"{NAME}-db"
    return DatabaseSpec(
        name=name,
        namespace=GATEWAY_NAMESPACE,
        database=NAME,
        owner=NAME,
        image=POSTGRESQL.reference,
        instances=settings.database.instances,
        storage_gib=settings.database.storage_gib,
        storage_class=STORAGE_CLASS,
        secret_name=f"{name}-app",
        uri_key="uri",
    )
