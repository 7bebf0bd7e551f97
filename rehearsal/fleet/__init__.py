"""The simulated fleet: managed nodes, Karpenter with our catalog, and stand-ins for operators."""

from rehearsal.fleet.errors import FleetError
from rehearsal.fleet.fleet import Fleet
from rehearsal.fleet.observation import Observation, observe
from rehearsal.fleet.simulated import SIMULATED

__all__ = ["SIMULATED", "Fleet", "FleetError", "Observation", "observe"]
