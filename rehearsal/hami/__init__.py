"""A stand-in of HAMi's scheduler extender: it counts memory, cores and containers per GPU.

HAMi itself is no Go module that can be built here; kube-scheduler, which asks it, is the real one.
Source of the behaviour: Project-HAMi/HAMi v2.10.0, pkg/scheduler and pkg/device/nvidia.
"""

from typing import Final

SIMULATED: Final = (
    (
        "HAMi's scheduler is the real kube-scheduler with a stand-in of HAMi's extender, which "
        "counts memory, cores and containers per GPU as HAMi does; NUMA nodes, HAMi's MIG mode, "
        "quotas of GPU memory and node locks are left out."
    ),
    (
        "HAMi's admission webhook does not run: a number of GPUs, memory or cores that a pod "
        "leaves out is read as the webhook would have written it."
    ),
)
