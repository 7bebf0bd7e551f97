"""LeaderWorkerSet's process: the project's own controller and webhooks, on loopback.

It runs while the program's release has its namespace. What the chart would make for it besides, its
certificate and the registration of its webhooks, is made here: the API server calls them by URL.
Sources: kubernetes-sigs/lws v0.9.0, api/config/v1alpha1 and charts/lws/templates/webhook.
"""

import base64
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from catalog.charts import LWS
from rehearsal.api import Api, Manifest
from rehearsal.control_plane import ports
from rehearsal.control_plane.connection import Connection
from rehearsal.control_plane.files import private_folder, write_private
from rehearsal.control_plane.processes import Program
from rehearsal.control_plane.supervisor import Supervisor
from rehearsal.fleet.errors import FleetError
from rehearsal.fleet.lws_webhooks import GROUP, KINDS, WebhookKind, webhooks
from rehearsal.fleet.operators.signing import Signed, Signer, sign

NAME: Final = "lws"
PORTS: Final = {"webhooks": NAME, "health": NAME}
SETS: Final = f"/apis/{GROUP}/v1/leaderworkersets"
OTHER_SETS: Final = "/apis/disaggregatedset.x-k8s.io/v1/disaggregatedsets"
"""Of the same chart; the controller waits ten seconds where it starts before they are served."""
HOME: Final = f"/api/v1/namespaces/{LWS.namespace}"
ADMISSION: Final = "admissionregistration.k8s.io/v1"
REGISTRATIONS: Final = f"/apis/{ADMISSION}"
YEAR: Final = "8760h"
RESTART_SECONDS: Final = 5.0
"""Least time between two starts: a process that ends at once is not started in a loop."""

SIMULATED: Final = (
    (
        "LeaderWorkerSets are run by the project's own controller, of release 0.9.0: that of the "
        f"chart, {LWS.version}, is not to be had as a Go module. Its settings are not the chart's."
    ),
)


@dataclass
class LeaderWorkerSets:
    """The process, its configuration in the supervisor's folder, and its tool in `tools`."""

    supervisor: Supervisor
    tools: Path
    """`.tools`: `bin/lws`."""
    _started: float = field(default=float("-inf"), init=False)
    _registered: bool = field(default=False, init=False)
    _left: bool = field(default=False, init=False)
    """Whether nothing of it is there any more, for sure."""

    @property
    def tool(self) -> Path:
        """Return the executable."""
        return self.tools / "bin" / NAME

    @property
    def _folder(self) -> Path:
        return self.supervisor.folder / NAME

    def reconcile(self, api: Api, connection: Connection) -> None:
        """See that it runs while its release is there, and not longer.

        Raises:
            FleetError: it cannot run; the message says why.
        """
        home = api.get(HOME)
        if home is None or "deletionTimestamp" in home["metadata"]:
            self._leave(api)
        elif all(api.list(path, limit="1") is not None for path in (SETS, OTHER_SETS)):
            self._serve(api, connection)

    def stop(self) -> None:
        """End the process, also one that no record knows; nothing happens when none runs."""
        self.supervisor.end([NAME])
        self.supervisor.end_strays({NAME: self.tool})

    def _leave(self, api: Api) -> None:
        if self._left:
            return
        for kind in KINDS:
            api.delete(_registration(kind))
        self.stop()
        self._left = True

    def _serve(self, api: Api, connection: Connection) -> None:
        if not self.tool.exists():
            raise FleetError(
                f"{self.tool} is missing: build the tools with `python -m rehearsal.tools`"
            )
        self._left = False
        private_folder(self._folder)
        alive = {NAME} if self.supervisor.running(NAME) else set[str]()
        chosen = ports.settle(self._folder / "ports.json", PORTS, alive, lambda _: None)
        program = self._program(connection, chosen)
        if not self.supervisor.is_current(program):
            self._start(api, program, chosen)
        if not self._registered and not ports.is_free(chosen["webhooks"]):
            # Sets are refused while nobody answers, so that they are asked about only from now on.
            self._register(api, chosen, sets=True)
            self._registered = True

    def _start(self, api: Api, program: Program, chosen: ports.Ports) -> None:
        if time.monotonic() - self._started < RESTART_SECONDS and not self.supervisor.running(NAME):
            raise FleetError(f"lws ended soon after its start; {self.supervisor.tail(NAME)}")
        self.stop()
        self._certify()
        # A pod that came before its webhook would lack its place in the group for ever.
        self._register(api, chosen, sets=False)
        self.supervisor.start(program)
        self._started, self._registered = time.monotonic(), False

    def _certify(self) -> None:
        """Make the key and certificate of the webhooks, and the authority that signed them."""
        authority = sign({"commonName": "rehearsal-lws", "isCA": True, "duration": YEAR}, None)
        signer = Signer.load(authority.certificate, authority.key)
        signed: Signed = sign({"ipAddresses": [ports.LOOPBACK], "duration": YEAR}, signer)
        for name, text in (
            ("tls.crt", signed.certificate),
            ("tls.key", signed.key),
            ("ca.crt", signed.authority),
        ):
            write_private(self._folder / name, text.decode())

    def _program(self, connection: Connection, chosen: ports.Ports) -> Program:
        configuration = self._folder / "configuration.yaml"
        text = yaml.safe_dump(_configuration(self._folder, chosen))
        if not configuration.exists() or configuration.read_text(encoding="utf-8") != text:
            write_private(configuration, text)
        flags = {
            "config": configuration,
            "kubeconfig": connection.kubeconfig,
            "zap-devel": "false",
        }
        command = (str(self.tool), *(f"--{flag}={value}" for flag, value in flags.items()))
        read = (configuration, connection.kubeconfig)
        return Program(name=NAME, command=command, configuration=read)

    def _register(self, api: Api, chosen: ports.Ports, *, sets: bool) -> None:
        authority = base64.b64encode((self._folder / "ca.crt").read_bytes()).decode()
        address = f"https://{ports.LOOPBACK}:{chosen['webhooks']}"
        for kind in KINDS:
            called = [
                {**webhook, "clientConfig": {"url": f"{address}{path}", "caBundle": authority}}
                for path, webhook in webhooks(kind, sets=sets)
            ]
            manifest: Manifest = {
                "apiVersion": ADMISSION,
                "kind": f"{kind.capitalize()}WebhookConfiguration",
                "metadata": {"name": f"lws-{kind}-webhook-configuration"},
                "webhooks": called,
            }
            api.apply(_registration(kind), manifest)


def _registration(kind: WebhookKind) -> str:
    collection = f"{kind}webhookconfigurations"
    return f"{REGISTRATIONS}/{collection}/lws-{kind}-webhook-configuration"


def _configuration(folder: Path, chosen: ports.Ports) -> dict[str, Any]:
    return {
        "apiVersion": "config.lws.x-k8s.io/v1alpha1",
        "kind": "Configuration",
        "webhook": {
            "host": ports.LOOPBACK,
            "port": chosen["webhooks"],
            "certDir": str(folder),
        },
        "health": {"healthProbeBindAddress": f"{ports.LOOPBACK}:{chosen['health']}"},
        "metrics": {"bindAddress": "0"},
        "leaderElection": {"leaderElect": False},
        "internalCertManagement": {"enable": False},
    }
