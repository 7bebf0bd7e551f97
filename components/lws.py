"""LeaderWorkerSet's controller. Source: https://lws.sigs.k8s.io/docs/"""

from components.operator import Operator


class Lws(Operator):
    """Runs replicas of several pods, and tells each of them its place among the others."""
