"""Create, update, read and delete one Kubernetes object."""

import threading
from dataclasses import dataclass

from rehearsal.providers.kubernetes.annotations import propagation, skips
from rehearsal.providers.kubernetes.api import RefusedError, UnreachableError
from rehearsal.providers.kubernetes.cluster import Cluster, NotServedError
from rehearsal.providers.kubernetes.drift import refreshed_inputs
from rehearsal.providers.kubernetes.manifests import (
    Identity,
    Manifest,
    Target,
    annotation,
    as_inputs,
    at,
    items_at,
    plain,
)
from rehearsal.providers.kubernetes.object_state import (
    MANAGER_KEY,
    about,
    identity_of,
    manager_of,
    outputs,
)
from rehearsal.providers.kubernetes.secrecy import sealed_object
from rehearsal.providers.kubernetes.served import State
from rehearsal.providers.kubernetes.settings import ProviderSettings
from rehearsal.providers.kubernetes.waiting import (
    Operation,
    Patience,
    await_gone,
    await_ready,
)
from rehearsal.providers.plugin import InitializationError, ProviderError
from rehearsal.providers.values import Properties, has_unknown

FORCE_ANNOTATION = "pulumi.com/patchForce"
UNJUDGED = "the preview shows inputs that no API server has judged"
SETTLE_SECONDS = 2.0
"""How long a refresh waits for controllers that are just at work."""
SERVED_SECONDS = 10.0
"""How long a new definition may take until the API server serves its kind."""


@dataclass(frozen=True)
class Objects:
    """Operations on the objects of one cluster."""

    cluster: Cluster
    settings: ProviderSettings

    def create(self, inputs: Properties, operation: Operation) -> tuple[str, Properties]:
        """Return the id and outputs of a new object; in a preview no id and what is known.

        What an interrupted create of the same resource left behind is taken over. Raises
        ProviderError when another object has the name, or the API server refuses this one;
        InitializationError when it does not become ready.
        """
        if operation.preview:
            if not has_unknown(inputs):
                self._try_create(inputs, operation)
            return "", inputs
        manifest = self._located(inputs, operation)
        manager = manager_of(manifest, operation.urn)
        existing = self.cluster.get(Identity.of(manifest))
        if existing and at(existing, "metadata", "deletionTimestamp"):
            self._wait_until_gone(Identity.of(manifest), operation.patience(manifest))
        elif existing:
            self._refuse_foreign(existing, manager)
        return self._apply_and_wait(manifest, inputs, manager, operation)

    def _try_create(self, inputs: Properties, operation: Operation) -> None:
        """Let the API server judge the object, where it already can."""
        try:
            manifest = self.cluster.located(plain(inputs), self.settings.namespace)
            manager = manager_of(manifest, operation.urn)
            existing = self.cluster.get(Identity.of(manifest))
            if existing:  # ours: this is a replacement, which would be judged as an update
                self._refuse_foreign(existing, manager)
            else:
                self.cluster.apply(manifest, manager, dry_run=True)
        except UnreachableError as error:
            operation.warn(f"{error}; {UNJUDGED}")
        except NotServedError:
            return  # its definition comes in the same update
        except RefusedError as error:
            if error.missing_kind != "namespaces":
                raise

    def update(self, inputs: Properties, recorded: Properties, operation: Operation) -> Properties:
        """Return the outputs after the object was changed to `inputs`.

        `recorded` are its outputs so far. Errors are those of `create`.
        """
        manager = str(recorded.get(MANAGER_KEY) or manager_of({}, operation.urn))
        if not operation.preview:
            manifest = self._located(inputs, operation)
            return self._apply_and_wait(manifest, inputs, manager, operation)[1]
        if has_unknown(inputs):
            return inputs
        try:
            manifest = self.cluster.located(plain(inputs), self.settings.namespace)
            force = self._forces(manifest)
            live = self.cluster.apply(manifest, manager, force=force, dry_run=True)
        except UnreachableError as error:
            operation.warn(f"{error}; {UNJUDGED}")
            return inputs
        except NotServedError:
            return inputs
        return outputs(live, inputs, manager)

    def read(self, target: Target, inputs: Properties, recorded: Properties) -> State | None:
        """Return the live object, or None when it is gone.

        Raises InitializationError when it exists but is not ready.
        """
        identity = identity_of(target, recorded)
        try:
            live = self.cluster.get(identity)
        except NotServedError:
            return None
        if live is None:
            return None
        patience = Patience(SETTLE_SECONDS, threading.Event(), lambda _: None)
        live, missing = await_ready(self.cluster, live, patience)
        state = outputs(live, inputs, str(recorded.get(MANAGER_KEY) or ""))
        if inputs and recorded:
            current = refreshed_inputs(inputs, recorded, live)
        else:
            current = sealed_object(as_inputs(live), {})
        if missing:
            raise InitializationError(target.id, state, current, about(live, missing))
        return State(current, state)

    def delete(self, target: Target, recorded: Properties, operation: Operation) -> None:
        """Delete the object and wait until it and its dependents are gone.

        Raises ProviderError when it is still there in the end, with what holds it.
        """
        identity = identity_of(target, recorded)
        try:
            self.cluster.delete(identity, propagation(plain(recorded)))
            if not skips(plain(recorded)):
                self._wait_until_gone(identity, operation.patience(plain(recorded)))
        except NotServedError:
            return  # its definition went, and every object with it

    def _wait_until_gone(self, identity: Identity, patience: Patience) -> None:
        if reasons := await_gone(self.cluster, identity, patience):
            raise ProviderError(f"{identity} is not deleted: {'; '.join(reasons)}")

    def _located(self, inputs: Properties, operation: Operation) -> Manifest:
        patience = Patience(SERVED_SECONDS, operation.cancelled, operation.progress)
        manifest = plain(inputs)
        for _ in patience.pauses():
            if self.cluster.serves(manifest["apiVersion"], manifest["kind"]):
                break
        return self.cluster.located(manifest, self.settings.namespace)

    def _refuse_foreign(self, existing: Manifest, manager: str) -> None:
        entries = items_at(existing, "metadata", "managedFields")
        managers = [str(entry.get("manager")) for entry in entries]
        if manager not in managers and not self.settings.upsert_existing:
            raise ProviderError(
                f"{Identity.of(existing)} already exists, set by {', '.join(sorted(set(managers)))}"
                ". Import it, name this one differently, or set the provider's "
                "upsertExistingObjects to take it over"
            )

    def _forces(self, manifest: Manifest) -> bool:
        stated = annotation(manifest, FORCE_ANNOTATION)
        return stated == "true" if stated else self.settings.patch_force

    def _apply_and_wait(
        self, manifest: Manifest, inputs: Properties, manager: str, operation: Operation
    ) -> tuple[str, Properties]:
        live = self.cluster.apply(manifest, manager, force=self._forces(manifest))
        live, reasons = await_ready(self.cluster, live, operation.patience(manifest))
        id_, state = Identity.of(live).id, outputs(live, inputs, manager)
        if reasons:
            raise InitializationError(id_, state, inputs, about(live, reasons))
        return id_, state
