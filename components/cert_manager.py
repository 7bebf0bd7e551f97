"""cert-manager. Source: https://cert-manager.io/docs/"""

from components.operator import Operator


class CertManager(Operator):
    """Issues the certificates of the webhooks of others; its own CRDs come with the chart."""
