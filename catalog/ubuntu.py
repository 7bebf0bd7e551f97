"""What Ubuntu for Amazon EKS offers; it comes from Canonical, without NVIDIA's driver."""

from typing import Final

OWNER: Final = "099720109477"
"""AWS account of Canonical, which publishes the images. Source: documentation.ubuntu.com/aws,
find-ubuntu-images."""

ROOT_DEVICE: Final = "/dev/sda1"
"""Root device of Canonical's images. Source: the same images, `RootDeviceName`."""

BOOTSTRAP: Final = "/etc/eks/bootstrap.sh"
"""Joins a node to its cluster; it asks EKS for what else it needs than the cluster's name.
Source: documentation.ubuntu.com/aws, deploy-managed-node-group."""
