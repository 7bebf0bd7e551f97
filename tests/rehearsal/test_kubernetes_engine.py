"""The kubernetes provider under the Pulumi engine: up, nothing to do, a change, destroy."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest
from pulumi import automation
from pulumi_kubernetes.apiextensions import CustomResource

from rehearsal.control_plane import ControlPlane
from rehearsal.engine_calls import BriefWorkspace, BuiltPulumi
from rehearsal.layout import REPOSITORY, TOOLS
from tests.rehearsal.conftest import Kubectl

PLUGINS = REPOSITORY / "rehearsal/plugins/kubernetes"
HOME = "small-platform"
PLANTED = "correct-horse-battery"
BACKGROUND = {"pulumi.com/deletionPropagationPolicy": "background"}
"""For the NodePool: in the foreground it would wait for the garbage collector, which learns of a
new API only after half a minute."""


@dataclass
class Program:
    """A small platform: namespace, release, NodePool, Secret, Deployment with its Service."""

    kubeconfig: str
    token: str = PLANTED
    image: str = "example:1"
    namespace_label: str = "one"

    def __call__(self) -> None:
        """Declare the resources."""
        provider = k8s.Provider(
            "cluster", kubeconfig=self.kubeconfig, enable_server_side_apply=True
        )
        options = pulumi.ResourceOptions(provider=provider)
        metadata = k8s.meta.v1.ObjectMetaArgs(name=HOME, labels={"is": self.namespace_label})
        namespace = k8s.core.v1.Namespace(HOME, metadata=metadata, opts=options)
        definitions = k8s.helm.v3.Release(
            "karpenter-crd",
            chart="oci://registry.example/karpenter/karpenter-crd",
            version="1.14.1",
            namespace=namespace.metadata["name"],
            opts=options,
        )
        after = pulumi.ResourceOptions(provider=provider, depends_on=[definitions])
        reference = {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "gpu"}
        template: dict[str, Any] = {"spec": {"nodeClassRef": reference, "requirements": []}}
        CustomResource(
            "pool",
            api_version="karpenter.sh/v1",
            kind="NodePool",
            metadata=k8s.meta.v1.ObjectMetaArgs(name="gpu", annotations=BACKGROUND),
            spec={"template": template},
            opts=after,
        )
        key = k8s.core.v1.Secret(
            "key",
            metadata=k8s.meta.v1.ObjectMetaArgs(namespace=namespace.metadata["name"]),
            string_data={"token": pulumi.Output.secret(self.token)},
            opts=options,
        )
        web = self._deployment(namespace, key, options)
        pulumi.export("secret_name", key.metadata["name"])
        pulumi.export("available", web.status.apply(lambda s: s and s.available_replicas))

    def _deployment(
        self,
        namespace: k8s.core.v1.Namespace,
        key: k8s.core.v1.Secret,
        options: pulumi.ResourceOptions,
    ) -> k8s.apps.v1.Deployment:
        labels = {"app": "web"}
        source = k8s.core.v1.EnvFromSourceArgs(
            secret_ref=k8s.core.v1.SecretEnvSourceArgs(name=key.metadata["name"])
        )
        container = k8s.core.v1.ContainerArgs(name="main", image=self.image, env_from=[source])
        metadata = k8s.meta.v1.ObjectMetaArgs(name="web", namespace=namespace.metadata["name"])
        web = k8s.apps.v1.Deployment(
            "web",
            metadata=metadata,
            spec=k8s.apps.v1.DeploymentSpecArgs(
                selector=k8s.meta.v1.LabelSelectorArgs(match_labels=labels),
                template=k8s.core.v1.PodTemplateSpecArgs(
                    metadata=k8s.meta.v1.ObjectMetaArgs(labels=labels),
                    spec=k8s.core.v1.PodSpecArgs(containers=[container]),
                ),
            ),
            opts=options,
        )
        k8s.core.v1.Service(
            "web",
            metadata=metadata,
            spec=k8s.core.v1.ServiceSpecArgs(
                selector=labels, ports=[k8s.core.v1.ServicePortArgs(port=80)]
            ),
            opts=options,
        )
        return web


@pytest.fixture(scope="module")
def program(started: ControlPlane, kubectl: Kubectl) -> Program:
    metadata = {"name": "node", "annotations": {"kwok.x-k8s.io/node": "fake"}}
    status = {"capacity": {"cpu": "8", "memory": "8Gi", "pods": "20"}}
    kubectl.apply({"apiVersion": "v1", "kind": "Node", "metadata": metadata, "status": status})
    connection = started.connection()
    assert connection is not None
    return Program(connection.kubeconfig.read_text())


@pytest.fixture(scope="module")
def stack(program: Program, tmp_path_factory: pytest.TempPathFactory) -> automation.Stack:
    folder = tmp_path_factory.mktemp("engine")
    (folder / "state").mkdir()
    assert (TOOLS / "bin/pulumi").exists(), "build the tools with `python -m rehearsal.tools`"
    environment = {
        "PATH": os.pathsep.join([str(PLUGINS), str(TOOLS / "bin"), os.environ["PATH"]]),
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
    workspace = BriefWorkspace(
        work_dir=str(folder),
        pulumi_command=BuiltPulumi(),
        program=program,
        project_settings=automation.ProjectSettings("llm-platform", "python"),
        env_vars=environment,
    )
    return automation.Stack.create("test", workspace)


def changes(found: automation.UpResult | automation.DestroyResult) -> dict[str, int]:
    counted = found.summary.resource_changes or {}
    return {str(operation): count for operation, count in counted.items()}


def quietly(run: Callable[..., automation.UpResult]) -> automation.UpResult:
    lines: list[str] = []
    done = run(on_output=lines.append)
    assert PLANTED not in "\n".join(lines)
    return done


def test_the_engine_creates_finds_nothing_to_do_changes_replaces_and_destroys(
    stack: automation.Stack, program: Program, kubectl: Kubectl
):
    first = stack.preview()
    assert {str(op): count for op, count in first.change_summary.items()} == {"create": 8}

    done = quietly(stack.up)
    assert changes(done) == {"create": 8}
    assert isinstance(stack.workspace, automation.LocalWorkspace)
    outputs = automation.LocalWorkspace.stack_outputs(stack.workspace, stack.name)
    assert outputs["available"].value == 1
    name = outputs["secret_name"].value
    assert kubectl.get("-n", HOME, "secret", name)["data"]
    assert kubectl.get("nodepools.karpenter.sh", "gpu")

    again = stack.preview(refresh=True)
    same = {str(op): count for op, count in again.change_summary.items()}
    assert same == {"same": 8}, "a refresh finds no drift"

    program.image, program.namespace_label = "example:2", "two"
    assert changes(quietly(stack.up)) == {"same": 6, "update": 2}
    state = Path(stack.workspace.work_dir, "state")
    files = [each for each in state.rglob("*") if each.is_file()]
    assert files
    assert not [each for each in files if PLANTED.encode() in each.read_bytes()]

    kubectl.run("-n", HOME, "scale", "deployment", "web", "--replicas=2")
    kubectl.run("-n", HOME, "delete", "service", "web")
    program.token = PLANTED + "-too"
    mended = changes(quietly(partial(stack.up, refresh=True)))
    assert mended.pop("create") == 1, "what was deleted by hand comes back"
    assert mended == {"same": 5, "replace": 1, "update": 1}
    assert len(kubectl.get("-n", HOME, "secrets")) == 1

    gone = stack.destroy()
    assert changes(gone) == {"delete": 8}
    assert HOME not in {each["metadata"]["name"] for each in kubectl.get("namespaces")}
    assert not [each for each in kubectl.get("crds") if "karpenter" in each["metadata"]["name"]]
