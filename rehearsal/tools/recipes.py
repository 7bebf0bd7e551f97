"""What is built: one wrapper module per upstream, and the programs that come out of it.

A wrapper (`modules/<upstream>/`) pins a version, and everything below it, in go.mod and go.sum:
`go install module@version` would pin nothing, and refuses upstreams whose go.mod has `replace`
lines. A version stands in go.mod and nowhere else.
"""

import hashlib
import json
import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MODULES = Path(__file__).resolve().parent / "modules"


class ToolError(Exception):
    """A tool cannot be had; the message says which one, why, and what to do."""


@dataclass(frozen=True)
class Recipe:
    """How one upstream becomes programs."""

    name: str
    """Names the log, and what people see while it builds."""
    module: str
    """Go module path of the upstream; its version stands in the wrapper's go.mod only."""
    programs: Mapping[str, str]
    """Name of each program, and the Go package that it is built from."""
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    """Go string variables set by the linker; `{version}`, `{major}` and `{minor}` are filled in."""
    shared: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Folders below `share/`, and the module's folders whose YAML files are copied there."""
    modules: Path = MODULES
    """Folder of the wrapper modules."""

    @property
    def wrapper(self) -> Path:
        """Return the folder of the wrapper module."""
        return self.modules / self.name

    @property
    def label(self) -> str:
        """Return what people read: the upstream, and its programs where they are several."""
        several = len(self.programs) > 1
        return f"{self.name} ({', '.join(self.programs)})" if several else next(iter(self.programs))

    @property
    def version(self) -> str:
        """Return the upstream's version, such as `v1.36.3`.

        Raises:
            ToolError: the wrapper's go.mod does not require the module.
        """
        required = rf"^\s*(?:require\s+)?{re.escape(self.module)}\s+(v\S+)"
        return self._in_go_mod(required, f"a require line for {self.module}")

    @property
    def minimum_go(self) -> str:
        """Return the Go release that the wrapper asks for, such as `1.26.0`.

        Raises:
            ToolError: the wrapper's go.mod has no `go` line.
        """
        return self._in_go_mod(r"^go\s+(\S+)", "a go line")

    @property
    def flags(self) -> tuple[str, ...]:
        """Return the flags of `go build`: no debug information, no paths of this machine."""
        major, minor = self.version.removeprefix("v").split(".")[:2]
        values = {
            name: value.format(version=self.version, major=major, minor=minor)
            for name, value in self.variables.items()
        }
        linker = ["-s", "-w", *(f"-X {name}={value}" for name, value in values.items())]
        return ("-trimpath", f"-ldflags={' '.join(linker)}")

    @property
    def digest(self) -> str:
        """Return the SHA-256 of everything that decides what comes out, but the Go release."""
        decided = {
            "wrapper": {file.name: file.read_text() for file in sorted(self.wrapper.iterdir())},
            "flags": self.flags,
            "programs": dict(self.programs),
            "shared": dict(self.shared),
            "platform": [sys.platform, platform.machine()],
        }
        return hashlib.sha256(json.dumps(decided, sort_keys=True).encode()).hexdigest()

    def _in_go_mod(self, pattern: str, meaning: str) -> str:
        path = self.wrapper / "go.mod"
        found = re.search(pattern, path.read_text(), re.MULTILINE)
        if found is None:
            raise ToolError(f"{self.name}: {path} has no {meaning}")
        return found[1]


RECIPES = (
    Recipe("etcd", "go.etcd.io/etcd/server/v3", {"etcd": "go.etcd.io/etcd/server/v3"}),
    Recipe(
        "kwok",
        "sigs.k8s.io/kwok",
        {"kwok": "sigs.k8s.io/kwok/cmd/kwok"},
    ),
    Recipe(
        "pulumi",
        "github.com/pulumi/pulumi/pkg/v3",
        {"pulumi": "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"},
        variables={"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": "{version}"},
    ),
    Recipe(
        "kubernetes",
        "k8s.io/kubernetes",
        {
            "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
            "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
            "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
            "kubectl": "k8s.io/kubernetes/cmd/kubectl",
        },
        variables={
            "k8s.io/component-base/version.gitVersion": "{version}",
            "k8s.io/component-base/version.gitMajor": "{major}",
            "k8s.io/component-base/version.gitMinor": "{minor}",
        },
    ),
    Recipe(
        "karpenter",
        "sigs.k8s.io/karpenter",
        {"karpenter": "llm-platform/tools/karpenter"},
        variables={"sigs.k8s.io/karpenter/pkg/operator.Version": "{version}"},
        shared={"karpenter-crds": ("pkg/apis/crds", "kwok/apis/crds")},
    ),
    Recipe(
        "lws",
        "sigs.k8s.io/lws",
        {"lws": "sigs.k8s.io/lws/cmd"},
        variables={"sigs.k8s.io/lws/pkg/version.GitVersion": "{version}"},
    ),
)
"""In the order in which they are built: what is quick and what others wait for comes first."""
