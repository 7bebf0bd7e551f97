"""KEDA: scaling by the metrics of the services. Source: https://keda.sh/docs/"""

from components.operator import Operator


class Keda(Operator):
    """Turns every ScaledObject into a HorizontalPodAutoscaler and serves its metrics."""
