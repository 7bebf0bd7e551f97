"""Who signs certificates in a whole environment, and in which order it comes and goes."""

from copy import deepcopy
from typing import Any

import pytest

from settings.environment import PLATFORM_KEY
from tests.crd import misfits
from tests.program import STACKS, config_of, record_environment
from tests.recording import Recording

ACME = {
    "email": "ops@gpus.dev",
    "zones": [{"id": "Z0123456789ABCDEFGHIJ", "domain": "example.com"}],
}
ISSUER = "kubernetes:cert-manager.io/v1:ClusterIssuer"


def with_acme(stack: str, *, preview: bool = False) -> Recording:
    config: dict[str, Any] = deepcopy(config_of(stack))
    config[PLATFORM_KEY]["certificates"] = {"acme": ACME}
    return record_environment(stack, config, preview=preview)


@pytest.fixture(params=STACKS, scope="module")
def recording(request: pytest.FixtureRequest) -> Recording:
    return with_acme(request.param)


@pytest.mark.parametrize("stack", STACKS)
def test_without_acme_nothing_of_it_is_made(stack: str) -> None:
    found = record_environment(stack)
    issuers = {each.name for each in found.of_type(ISSUER)}
    assert issuers == {"private-ca-bootstrap", "private-ca-issuer"}
    assert not [name for name in found if name.startswith(("dns-identity", "acme"))]
    assert "podAnnotations" not in found["cert-manager-release"].inputs["values"]


def test_cert_manager_starts_with_its_role_and_ends_before_it(recording: Recording) -> None:
    release, identity = recording["cert-manager-release"], recording["dns-identity-identity"]
    assert {"dns-identity-policy", "dns-identity-identity"} <= release.after
    assert identity.inputs["namespace"] == release.inputs["namespace"]
    assert "podAnnotations" in release.inputs["values"]


def test_every_issuer_goes_while_cert_manager_lives(recording: Recording) -> None:
    ours = [*recording.children("private-ca"), *recording.children("acme")]
    assert len(ours) == 4
    for found in map(recording.__getitem__, ours):
        assert "cert-manager-release" in found.after
        assert misfits(found.inputs) == []
    assert "dns-identity-identity" in recording["acme-issuer"].after


def test_the_authority_lies_where_its_issuer_looks(recording: Recording) -> None:
    namespace = recording["cert-manager-namespace"].inputs["metadata"]["name"]
    assert recording["private-ca-certificate"].inputs["metadata"]["namespace"] == namespace


def test_the_role_touches_the_zones_of_the_settings_and_no_other(recording: Recording) -> None:
    policy = recording["dns-identity-policy"].inputs["policy"]
    assert policy.count("hostedzone/") == policy.count("hostedzone/Z0123456789ABCDEFGHIJ") == 2


@pytest.mark.parametrize("stack", STACKS)
def test_a_first_preview_shows_them_all(stack: str) -> None:
    assert with_acme(stack, preview=True).keys() == with_acme(stack).keys()
