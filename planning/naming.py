"""Names that several layers share and that are made from the stack's name alone."""

from settings.environment import PROJECT


def cluster_name(stack: str) -> str:
    """Return the EKS cluster's name: also the queue's name and the discovery tag's value."""
    return f"{PROJECT}-{stack}"


def cost_tags(stack: str) -> dict[str, str]:
    """Return the tags of everything in AWS that belongs to the stack: a bill is split by them."""
    return {"project": PROJECT, "stack": stack}


def node_tags(stack: str, pool: str) -> dict[str, str]:
    """Return the tags of a pool's instances, which the EC2 console and bills list by `Name`."""
    return {**cost_tags(stack), "Name": f"{cluster_name(stack)}-{pool}"}
