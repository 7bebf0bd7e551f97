"""Helm releases: recorded, not rendered.

A release here installs what the chart's definitions are, and a record of itself; its workloads do
not exist and its outputs say so. The record is a ConfigMap without the values: they may be secret.
"""

from dataclasses import dataclass, replace

from rehearsal.providers.kubernetes.annotations import timeout_seconds
from rehearsal.providers.kubernetes.charts import (
    OWNER_NAME,
    POLICY,
    definitions,
)
from rehearsal.providers.kubernetes.cluster import Cluster
from rehearsal.providers.kubernetes.manifests import (
    Identity,
    Manifest,
    Target,
    annotation,
    at,
    plain,
)
from rehearsal.providers.kubernetes.objects import Objects
from rehearsal.providers.kubernetes.release_record import (
    OWNER,
    owner_digest,
    record,
    record_identity,
    release_outputs,
)
from rehearsal.providers.kubernetes.served import State
from rehearsal.providers.kubernetes.waiting import Operation, Patience, await_gone, await_ready
from rehearsal.providers.plugin import ProviderError
from rehearsal.providers.values import Properties

MANAGER = "rehearsal-helm"
TOUCH_SECONDS = 1.0


@dataclass(frozen=True)
class Releases:
    """Operations on the releases of one cluster."""

    objects: Objects

    @property
    def cluster(self) -> Cluster:
        """Return the cluster that holds them."""
        return self.objects.cluster

    def create(self, inputs: Properties, operation: Operation) -> tuple[str, Properties]:
        """Return the id and outputs of a new release; in a preview no id.

        Raises ProviderError when its namespace is missing, or another release has its name or
        its definitions.
        """
        if operation.preview:
            return "", inputs
        release = plain(inputs)
        self._need_namespace(release)
        recorded = self.cluster.get(record_identity(release))
        if recorded and annotation(recorded, OWNER) != owner_digest(operation):
            raise ProviderError(
                f"release {release['namespace']}/{release['name']}: Helm cannot re-use a name that "
                "is still in use; delete that release or name this one differently"
            )
        return self._install(inputs, operation, revision=1)

    def update(self, inputs: Properties, recorded: Properties, operation: Operation) -> Properties:
        """Return the outputs of the release's next revision. Errors are those of `create`."""
        if operation.preview:
            return inputs
        old, new = plain(recorded), plain(inputs)
        remaining = {Identity.of(definition) for definition in definitions(new)}
        removed = [each for each in definitions(old) if Identity.of(each) not in remaining]
        self._undefine(removed, old, _patience(new, operation))
        revision = at(old, "status", "revision") or 0
        return self._install(inputs, operation, revision=revision + 1)[1]

    def read(self, target: Target, inputs: Properties, recorded: Properties) -> State | None:
        """Return a release as recorded, or None when it is gone.

        Raises ProviderError for a release that the state does not know: a record has no values.
        """
        namespace, _, name = target.id.rpartition("/")
        live = self.cluster.get(record_identity({"namespace": namespace, "name": name}))
        if live is None:
            return None
        if not (inputs and recorded):
            raise ProviderError(
                f"release {target.id} cannot be imported: the rehearsal records no values"
            )
        revision = int(at(live, "data", "revision") or 0)
        return State(inputs, release_outputs(inputs, plain(inputs), revision))

    def delete(self, target: Target, recorded: Properties, operation: Operation) -> None:
        """Remove the record of `target`, and the definitions that Helm would remove with it."""
        release = plain(recorded)
        patience = _patience(release, operation)
        self._undefine(definitions(release), release, patience)
        namespace, _, name = target.id.rpartition("/")
        identity = record_identity({"namespace": namespace, "name": name})
        self.cluster.delete(identity)
        _expect_nothing(await_gone(self.cluster, identity, patience), identity)

    def _need_namespace(self, release: Manifest) -> None:
        namespace = release["namespace"]
        if self.cluster.get(Identity("v1", "Namespace", namespace)) is not None:
            return
        if release.get("createNamespace") is not True:
            raise ProviderError(
                f"release {namespace}/{release['name']}: namespace {namespace} does not exist; "
                "create it before, or set createNamespace"
            )
        self.cluster.apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}, MANAGER
        )

    def _install(
        self, inputs: Properties, operation: Operation, *, revision: int
    ) -> tuple[str, Properties]:
        release = plain(inputs)
        patience = _patience(release, operation)
        for live in [self._define(each, release) for each in definitions(release)]:
            _expect_nothing(await_ready(self.cluster, live, patience)[1], Identity.of(live))
        self.cluster.apply(record(release, operation, revision), MANAGER)
        return f"{release['namespace']}/{release['name']}", release_outputs(
            inputs, release, revision
        )

    def _define(self, definition: Manifest, release: Manifest) -> Manifest:
        identity = Identity.of(definition)
        live = self.cluster.get(identity)
        owner = _owner(live) if live else ""
        if owner not in ("", release["name"]):
            raise ProviderError(
                f"release {release['namespace']}/{release['name']}: {identity} belongs to the "
                f"release {owner}; let only one of them bring it (crds values, skipCrds)"
            )
        if live and not (owner and _owner(definition)):
            return live  # somebody else's, or one from crds/, which Helm never changes
        return self.cluster.apply(definition, MANAGER)

    def _undefine(self, removed: list[Manifest], release: Manifest, patience: Patience) -> None:
        """Delete the definitions that are this release's own and are not to be kept."""
        going: list[Identity] = []
        for identity in map(Identity.of, removed):
            live = self.cluster.get(identity)
            if live and _owner(live) == release["name"] and not annotation(live, POLICY):
                self.cluster.delete(identity)
                going.append(identity)
        for identity in going:
            _expect_nothing(await_undefined(self.cluster, identity, patience), identity)


def await_undefined(cluster: Cluster, identity: Identity, patience: Patience) -> list[str]:
    """Wait until a definition is gone; return why it still is not when the time is over.

    The API server sometimes fails to list the objects of a definition that was made a moment
    ago, and then pauses longer and longer; a change makes it try again at once.
    Source: k8s.io/apiextensions-apiserver v0.36, pkg/controller/finalizer/crd_finalizer.go.
    """
    left = patience.timeout_seconds
    while True:
        part = replace(patience, timeout_seconds=min(left, TOUCH_SECONDS))
        reasons = await_gone(cluster, identity, part)
        left -= part.timeout_seconds
        if not reasons:
            return []
        if left <= 0 or patience.cancelled.is_set():
            return [f"{patience.ended}: it is still there", *reasons[1:]]
        cluster.touch(identity)


def _owner(definition: Manifest) -> str:
    return annotation(definition, OWNER_NAME)


def _expect_nothing(reasons: list[str], identity: Identity) -> None:
    if reasons:
        raise ProviderError(f"{identity}: {'; '.join(reasons)}")


def _patience(release: Manifest, operation: Operation) -> Patience:
    stated = operation.custom_timeout or float(release.get("timeout") or 0)
    return Patience(timeout_seconds({}, stated), operation.cancelled, operation.progress)
