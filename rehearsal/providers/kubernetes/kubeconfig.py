"""Reading a kubeconfig: where the API server is, whom to trust, and who we are.

Source: kubernetes.io/docs/reference/config-api/kubeconfig.v1 and client-authentication.v1.
No file outlives a call: keys that Python's ssl wants as files are deleted as soon as they are read.
"""

import base64
import ipaddress
import json
import os
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import yaml

from rehearsal.providers.kubernetes.manifests import items_at, mapping_at
from rehearsal.providers.plugin import ProviderError

EXEC_TIMEOUT_SECONDS = 60
RENEWAL_MARGIN = timedelta(minutes=1)
"""How long before its end a token is no longer used."""


@dataclass(frozen=True)
class Access:
    """The current context of a kubeconfig; its `repr` shows no credential."""

    server: str
    """URL of the API server; its host is a loopback address."""
    cluster: Mapping[str, Any]
    user: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"Access({self.server})"


def parsed(text: str) -> Mapping[str, Any]:
    """Return the kubeconfig in `text`: YAML, JSON, or the path of a file with either.

    Raises ProviderError when it is none of them; the message does not show `text`.
    """
    try:
        document: Any = yaml.safe_load(text)
        if isinstance(document, str) and Path(document).expanduser().is_file():
            content = Path(document).expanduser().read_text(encoding="utf-8")
            document = yaml.safe_load(content)
    except (yaml.YAMLError, OSError):
        document = None
    if not isinstance(document, dict) or "clusters" not in document:
        raise ProviderError(
            "kubeconfig: neither a kubeconfig in YAML or JSON nor the path of such a file; "
            "it needs clusters, users, contexts and current-context"
        )
    return cast("dict[str, Any]", document)


def access(
    config: Mapping[str, Any], context: str | None = None, cluster: str | None = None
) -> Access:
    """Return how `config` reaches the cluster of its current (or the named) context.

    Raises ProviderError when a name points nowhere, or when the server is not on this machine:
    a rehearsal must never change a real cluster.
    """
    name = context or config.get("current-context") or ""
    found = _named(config, "contexts", "context", name)
    server_of = _named(config, "clusters", "cluster", cluster or found.get("cluster", ""))
    user = _named(config, "users", "user", found.get("user", ""))
    server = str(server_of.get("server", "")).rstrip("/")
    if not _is_loopback(urlsplit(server).hostname or ""):
        raise ProviderError(
            f"kubeconfig: {server or 'the cluster'} is not on this machine; the rehearsal's "
            "provider talks to its own control plane on loopback only. Use the official "
            "kubernetes plugin for a real cluster"
        )
    return Access(server, server_of, user)


def _named(config: Mapping[str, Any], section: str, key: str, name: str) -> Mapping[str, Any]:
    entries = items_at(config, section)
    for entry in entries:
        if entry.get("name") == name:
            return mapping_at(entry, key)
    known = ", ".join(str(entry.get("name")) for entry in entries) or "none"
    raise ProviderError(f"kubeconfig: {section} has no {name!r}; it has: {known}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def tls(reached: Access) -> ssl.SSLContext:
    """Return the TLS context: the cluster's authority, and the user's certificate if it has one."""
    authority = _content(reached.cluster, "certificate-authority")
    context = ssl.create_default_context(cadata=authority.decode() if authority else None)
    if reached.cluster.get("insecure-skip-tls-verify"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    certificate = _content(reached.user, "client-certificate")
    key = _content(reached.user, "client-key")
    if certificate and key:
        with tempfile.NamedTemporaryFile(suffix=".pem") as pair:  # mode 0600
            pair.write(certificate + b"\n" + key)
            pair.flush()
            context.load_cert_chain(pair.name)
    return context


def _content(section: Mapping[str, Any], key: str) -> bytes | None:
    if data := section.get(f"{key}-data"):
        return base64.b64decode(data)
    return Path(section[key]).read_bytes() if section.get(key) else None


class Credentials:
    """The bearer token of a user: fixed, or from its exec plugin and renewed before it ends."""

    def __init__(self, user: Mapping[str, Any]) -> None:
        self._user = user
        self._lock = threading.Lock()
        self._token: str | None = user.get("token")
        self._until = datetime.max.replace(tzinfo=UTC) if self._token else None

    def token(self) -> str | None:
        """Return a valid token; None for a user with a client certificate only.

        Raises ProviderError when the exec plugin fails, with what it said.
        """
        if not self._user.get("exec"):
            return self._token
        with self._lock:
            if self._until is None or datetime.now(UTC) >= self._until - RENEWAL_MARGIN:
                self._token, self._until = _exec_token(self._user["exec"])
            return self._token

    def forget(self) -> None:
        """Drop a token that the API server refused, so that the next one is asked for anew."""
        with self._lock:
            if self._user.get("exec"):
                self._until = None


def _exec_token(plugin: Mapping[str, Any]) -> tuple[str, datetime]:
    command = [str(plugin["command"]), *map(str, plugin.get("args") or [])]
    api_version = str(plugin.get("apiVersion"))
    request = {"apiVersion": api_version, "kind": "ExecCredential", "spec": {"interactive": False}}
    added = {str(item["name"]): str(item["value"]) for item in items_at(plugin, "env")}
    environment = {**os.environ, **added, "KUBERNETES_EXEC_INFO": json.dumps(request)}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, timeout=EXEC_TIMEOUT_SECONDS, check=True
        )
        status = json.loads(done.stdout)["status"]
        until = status.get("expirationTimestamp")
        never = datetime.max.replace(tzinfo=UTC)
        return status["token"], datetime.fromisoformat(until) if until else never
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        raise ProviderError(f"kubeconfig: `{' '.join(command)}` failed: {said}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProviderError(f"kubeconfig: `{' '.join(command)}` did not run: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        problem = f"kubeconfig: `{' '.join(command)}` printed no ExecCredential with a token"
        raise ProviderError(problem) from error
