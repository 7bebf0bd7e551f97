"""HAMi: parts of a GPU. Source: https://project-hami.io/docs/"""

from components.operator import Operator


class Hami(Operator):
    """Hands out memory and cores of a GPU on the nodes labelled for it; wants cert-manager."""
