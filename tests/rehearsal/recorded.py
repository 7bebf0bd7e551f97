"""What the engine's state records of a stack."""

from tests.rehearsal.rehearsed import Rehearsed


def of_the_account(stack: Rehearsed) -> set[str]:
    """Return the URNs of the resources of the simulated account."""
    return {each["urn"] for each in stack.state.resources() if each["type"].startswith("aws:")}


def of_the_cluster(stack: Rehearsed) -> set[str]:
    """Return kind, namespace and name of the objects of the cluster."""
    return {
        f"{each['type'].rpartition(':')[2]} {each['id']}"
        for each in stack.state.resources()
        if each["type"].startswith("kubernetes:")
    }


def kubeconfig(stack: Rehearsed) -> str:
    """Return what the program gave its provider for Kubernetes."""
    resources = stack.state.resources()
    provider = next(each for each in resources if each["type"] == "pulumi:providers:kubernetes")
    return provider["inputs"]["kubeconfig"]
