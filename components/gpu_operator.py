"""NVIDIA GPU Operator in device-plugin mode. Source: https://docs.nvidia.com/datacenter/cloud-native/"""

from components.operator import Operator


class GpuOperator(Operator):
    """Publishes the GPUs of every node as `nvidia.com/gpu`, labels nodes, exports DCGM metrics."""
