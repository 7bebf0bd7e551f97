"""AWS's device plugin for EFA. Source: https://github.com/aws/eks-charts"""

from components.operator import Operator


class EfaDevicePlugin(Operator):
    """Publishes the EFA interfaces of nodes as `vpc.amazonaws.com/efa`."""
