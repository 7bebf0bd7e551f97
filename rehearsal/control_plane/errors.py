"""The one error of this package."""


class ControlPlaneError(Exception):
    """The control plane cannot run; the message says which part, why, and what to do."""
