"""NVIDIA's DRA driver. Source: https://github.com/kubernetes-sigs/dra-driver-nvidia-gpu"""

from components.operator import Operator


class NvidiaDra(Operator):
    """Publishes GPUs as devices that pods claim, and brings the DeviceClasses of those."""
