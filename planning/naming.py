"""Names that several layers share and that are made from the stack's name alone."""

from settings.environment import PROJECT


def cluster_name(stack: str) -> str:
    """Return the EKS cluster's name: also the queue's name and the discovery tag's value."""
    return f"{PROJECT}-{stack}"
