"""A Service keeps its place in the state when its model comes to be served another way."""

import pulumi

from components.formerly import service_of
from tests.components.test_model_router import ROUTER, recorded
from tests.recording import record


def aliased(component: str, name: str) -> pulumi.Alias:
    found: list[pulumi.Alias] = []
    record(lambda: found.append(service_of(component, name)))
    return found[0]


def test_it_names_the_very_service_that_each_component_makes():
    made = recorded()
    for component, name in (("ModelRouter", ROUTER.name), ("ModelService", "qwen3-8b-decode")):
        alias = aliased(component, name)
        service = made[str(alias.name)]
        assert service.type == "kubernetes:core/v1:Service"
        assert service.parent == name
        assert str(alias.parent).endswith(f"::{made[name].type}::{name}")
        assert str(alias.parent).startswith("urn:pulumi:")
