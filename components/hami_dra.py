"""HAMi's DRA driver. Source: https://github.com/Project-HAMi/HAMi-DRA"""

from components.operator import Operator


class HamiDra(Operator):
    """Publishes memory and cores of its nodes' GPUs as what claims consume; wants cert-manager."""
