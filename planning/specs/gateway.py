"""Spec of the gateway and its database."""

from typing import Any

from planning.specs.base import Spec


class DatabaseSpec(Spec):
    """A Postgres cluster run by CloudNativePG."""

    name: str
    namespace: str
    database: str
    owner: str
    image: str
    instances: int
    storage_gib: int
    storage_class: str
    """Volume of each instance."""
    cpu_milli: int = 500
    """Request of each instance; it may use more."""
    memory_mib: int = 1024
    """Request and limit of each instance."""
    secret_name: str
    """Secret that the operator writes for the application, `<name>-app`."""
    uri_key: str
    """Key of that secret with the connection URI."""


class GatewaySpec(Spec):
    """LiteLLM with its configuration, on Postgres."""

    name: str
    namespace: str
    image: str
    replicas: int
    port: int
    labels: dict[str, str]
    selector: dict[str, str]
    config: dict[str, Any]
    """`config.yaml` of LiteLLM; secrets are named by environment variable only."""
    config_digest: str
    """Digest of `config`: a change rolls the pods."""
    cpu_milli: int
    memory_mib: int
    secret_name: str
    """Secret with the master key and the salt key."""
    master_key_variable: str
    salt_key_variable: str
    host: str
    url: str
    """Cluster-internal URL."""
    pre_stop_seconds: int
    drain_seconds: int
    grace_seconds: int
    database: DatabaseSpec
