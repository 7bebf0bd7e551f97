"""The error of this package."""


class FleetError(Exception):
    """A part of the fleet cannot be simulated; the message says which one, why, and what to do."""
