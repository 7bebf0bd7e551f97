"""The processes of a control plane: what each runs.

Flags: etcd.io/docs (v3.7), kubernetes.io/docs/reference/command-line-tools-reference (1.36),
kwok.sigs.k8s.io/docs (0.8). Everything listens on 127.0.0.1.
"""

from functools import partial
from pathlib import Path

from rehearsal.control_plane.hami import EXTENDER, extender
from rehearsal.control_plane.ports import LOOPBACK
from rehearsal.control_plane.processes import Program
from rehearsal.control_plane.site import Site

PORTS = {
    "etcd": "etcd",
    "etcd-peer": "etcd",
    "kube-apiserver": "kube-apiserver",
    "kube-controller-manager": "kube-controller-manager",
    "kube-scheduler": "kube-scheduler",
    "hami-scheduler": "hami-scheduler",
    "hami-extender": "hami-extender",
    "kwok": "kwok",
}
"""Every port, and the process that listens on it."""

ORDER = (
    ("etcd",),
    ("kube-apiserver",),
    ("kube-controller-manager", "kube-scheduler", "hami-scheduler", "hami-extender", "kwok"),
)
"""Each group needs the ones before it."""

NAMES = tuple(name for group in ORDER for name in group)

TOOL_OF = {name: name for name in NAMES if name != EXTENDER} | {"hami-scheduler": "kube-scheduler"}
"""The built tool that each process runs."""

SERVICE_RANGE = "172.20.0.0/16"
"""What EKS takes in a VPC of 10.0.0.0/8 (docs.aws.amazon.com/eks: service IPv4 range)."""

POD_RANGE = "100.64.0.0/16"
"""Shared address space (RFC 6598): no VPC of the platform has these addresses."""

STAGES = tuple(sorted((Path(__file__).parent / "stages").glob("*.yaml")))


def program(name: str, site: Site, tools: Path) -> Program:
    """Return what the process called `name` runs, with its tool from the folder `tools`."""
    if name == EXTENDER:
        return extender(site)
    flags, configuration = {
        "etcd": _etcd,
        "kube-apiserver": _api_server,
        "kube-controller-manager": _controller_manager,
        "kube-scheduler": partial(_scheduler, "kube-scheduler"),
        "hami-scheduler": partial(_scheduler, "hami-scheduler"),
        "kwok": _kwok,
    }[name](site)
    command = (str(tools / TOOL_OF[name]), *(f"--{flag}={value}" for flag, value in flags))
    return Program(name=name, command=command, configuration=configuration)


Flags = list[tuple[str, object]]


def _etcd(site: Site) -> tuple[Flags, tuple[Path, ...]]:
    keys = site.keys
    authority, own = keys["etcd-ca"].certificate, keys["etcd"]
    client = f"https://{LOOPBACK}:{site.ports['etcd']}"
    peer = f"https://{LOOPBACK}:{site.ports['etcd-peer']}"
    flags: Flags = [
        ("name", "rehearsal"),
        ("data-dir", site.folder / "etcd"),
        # The data is made anew in seconds: a crash of the machine may cost it, speed may not.
        ("unsafe-no-fsync", "true"),
        ("listen-client-urls", client),
        ("advertise-client-urls", client),
        ("listen-peer-urls", peer),
        ("initial-advertise-peer-urls", peer),
        ("initial-cluster", f"rehearsal={peer}"),
        ("client-cert-auth", "true"),
        ("trusted-ca-file", authority),
        ("cert-file", own.certificate),
        ("key-file", own.key),
        ("peer-client-cert-auth", "true"),
        ("peer-trusted-ca-file", authority),
        ("peer-cert-file", own.certificate),
        ("peer-key-file", own.key),
        ("log-level", "warn"),
    ]
    return flags, (authority, own.certificate, own.key)


def _api_server(site: Site) -> tuple[Flags, tuple[Path, ...]]:
    keys = site.keys
    etcd, serving, proxy = keys["etcd-client"], keys["serving"], keys["front-proxy"]
    flags: Flags = [
        ("bind-address", LOOPBACK),
        ("advertise-address", LOOPBACK),
        ("secure-port", site.ports["kube-apiserver"]),
        ("cert-dir", site.folder),
        ("tls-cert-file", serving.certificate),
        ("tls-private-key-file", serving.key),
        ("etcd-servers", f"https://{LOOPBACK}:{site.ports['etcd']}"),
        ("etcd-cafile", keys["etcd-ca"].certificate),
        ("etcd-certfile", etcd.certificate),
        ("etcd-keyfile", etcd.key),
        ("anonymous-auth", "false"),
        ("client-ca-file", keys["ca"].certificate),
        ("token-auth-file", site.tokens),
        ("authorization-mode", "RBAC"),
        # Device plugins and driver containers of the GPU layer are privileged, as on EKS.
        ("allow-privileged", "true"),
        ("service-account-issuer", "https://kubernetes.default.svc"),
        ("service-account-key-file", keys.service_account_public_key),
        ("service-account-signing-key-file", keys.service_account_key),
        ("service-cluster-ip-range", SERVICE_RANGE),
        # An endpoint on loopback is refused by the API, and no pod here ever asks for it.
        ("endpoint-reconciler-type", "none"),
        # Aggregation: so that a metrics adapter can register an APIService.
        ("requestheader-client-ca-file", keys["front-proxy-ca"].certificate),
        ("requestheader-allowed-names", "front-proxy-client"),
        ("requestheader-username-headers", "X-Remote-User"),
        ("requestheader-group-headers", "X-Remote-Group"),
        ("requestheader-extra-headers-prefix", "X-Remote-Extra-"),
        ("proxy-client-cert-file", proxy.certificate),
        ("proxy-client-key-file", proxy.key),
        ("max-requests-inflight", 2000),
        ("max-mutating-requests-inflight", 1000),
        ("profiling", "false"),
    ]
    return flags, (keys["ca"].certificate, etcd.certificate, serving.certificate, site.tokens)


def _controller_manager(site: Site) -> tuple[Flags, tuple[Path, ...]]:
    kubeconfig = site.kubeconfig("kube-controller-manager")
    flags: Flags = [
        ("kubeconfig", kubeconfig),
        *_health_port("kube-controller-manager", site),
        ("leader-elect", "false"),
        ("use-service-account-credentials", "true"),
        ("service-account-private-key-file", site.keys.service_account_key),
        ("root-ca-file", site.keys["ca"].certificate),
        # The default is made under /usr: nothing is written outside of our folder.
        ("flex-volume-plugin-dir", site.folder / "flexvolume"),
        ("kube-api-qps", 1000),
        ("kube-api-burst", 2000),
        ("concurrent-deployment-syncs", 20),
        ("concurrent-replicaset-syncs", 20),
        ("profiling", "false"),
    ]
    return flags, (kubeconfig, site.keys.service_account_key, site.keys["ca"].certificate)


def _scheduler(name: str, site: Site) -> tuple[Flags, tuple[Path, ...]]:
    configuration, kubeconfig = (
        site.scheduler_configuration(name),
        site.kubeconfig("kube-scheduler"),
    )
    flags: Flags = [("config", configuration), *_health_port(name, site)]
    return flags, (configuration, kubeconfig)


def _kwok(site: Site) -> tuple[Flags, tuple[Path, ...]]:
    kubeconfig = site.kubeconfig("kwok")
    flags: Flags = [
        ("kubeconfig", kubeconfig),
        *(("config", stage) for stage in STAGES),
        ("manage-nodes-with-annotation-selector", "kwok.x-k8s.io/node=fake"),
        ("node-lease-duration-seconds", 0),
        ("node-ip", LOOPBACK),
        ("cidr", POD_RANGE),
        ("server-address", f"{LOOPBACK}:{site.ports['kwok']}"),
        # Otherwise every heartbeat is a line.
        ("v", "WARN"),
    ]
    return flags, (kubeconfig, *STAGES)


def _health_port(name: str, site: Site) -> Flags:
    """Return the flags of the port that tells whether `name` works, and nothing else."""
    return [
        ("bind-address", LOOPBACK),
        ("secure-port", site.ports[name]),
        ("tls-cert-file", site.keys["serving"].certificate),
        ("tls-private-key-file", site.keys["serving"].key),
    ]
