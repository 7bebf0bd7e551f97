"""The question a process answers when it is ready."""

import http.client
import ssl
from dataclasses import dataclass
from pathlib import Path

from rehearsal.control_plane.certificates import Certificate
from rehearsal.control_plane.ports import LOOPBACK
from rehearsal.control_plane.site import Site

TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A GET on loopback that a working process answers with 200.

    `http.client` and not a session: it follows neither a proxy of the environment nor a redirect.
    """

    port: int
    path: str
    authority: Path | None
    """Certificate of the authority that signed the server's; None for plain HTTP."""
    token: str | None = None
    """Bearer token, where the server wants to know who asks."""
    client: Certificate | None = None
    """Client certificate, where the server talks to nobody else."""

    def problem(self) -> str | None:
        """Return None when the process is ready, or else what it answers."""
        headers = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        connection = self._connection()
        try:
            connection.request("GET", self.path, headers=headers)
            response = connection.getresponse()
            body = response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            return f"{LOOPBACK}:{self.port}{self.path}: {error}"
        finally:
            connection.close()
        if response.status == http.HTTPStatus.OK:
            return None
        failed = [line for line in body.splitlines() if line.startswith("[-]")] or [body.strip()]
        return f"{LOOPBACK}:{self.port}{self.path}: {response.status} {'; '.join(failed)}"

    def _connection(self) -> http.client.HTTPConnection:
        if self.authority is None:
            return http.client.HTTPConnection(LOOPBACK, self.port, timeout=TIMEOUT_SECONDS)
        trust = ssl.create_default_context(cafile=str(self.authority))
        if self.client is not None:
            trust.load_cert_chain(self.client.certificate, self.client.key)
        return http.client.HTTPSConnection(
            LOOPBACK, self.port, timeout=TIMEOUT_SECONDS, context=trust
        )


def probe(name: str, site: Site) -> Probe:
    """Return what tells that the process called `name` is ready."""
    keys, port = site.keys, site.ports[name]
    authority = keys["ca"].certificate
    match name:
        case "etcd":
            own = keys["etcd-ca"].certificate
            return Probe(port=port, path="/readyz", authority=own, client=keys["etcd-client"])
        case "kube-apiserver":
            return Probe(port=port, path="/readyz", authority=authority, token=site.token())
        case "kube-controller-manager":
            return Probe(port=port, path="/healthz", authority=authority)
        case "kube-scheduler" | "hami-scheduler":
            # Not /healthz: ready means that its caches are filled.
            return Probe(port=port, path="/readyz", authority=authority)
        case "hami-extender":
            client = keys["kube-scheduler"]
            return Probe(port=port, path="/readyz", authority=authority, client=client)
        case _:
            return Probe(port=port, path="/readyz", authority=None)
