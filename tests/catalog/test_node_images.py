"""What is known of Bottlerocket and of Ubuntu, beside what is known of instance types."""

import pytest

from catalog import bottlerocket
from catalog.charts import GPU_OPERATOR
from catalog.eks import SUPPORTED_MINORS
from catalog.gpu_operator import DRIVER_UBUNTUS, GPU_OPERATOR_MINORS, has_driver
from catalog.instance_types import INSTANCE_TYPES
from catalog.mig import mig_profiles
from planning.node_images.release_rules import version_of


def test_the_pinned_bottlerocket_can_do_all_that_any_may_be_asked_for():
    newest = version_of(bottlerocket.BOTTLEROCKET_RELEASE)
    asked = (*bottlerocket.OLDEST_FOR_SHARING.values(), *bottlerocket.OLDEST_FOR_MINOR.values())
    assert all(version_of(one) <= newest for one in asked)
    assert bottlerocket.OLDEST_FOR_MINOR.keys() <= {*SUPPORTED_MINORS}


def test_every_gpu_that_its_settings_name_is_one_that_can_be_cut():
    known = {(found.gpu_name, found.gpu_memory_mib) for found in INSTANCE_TYPES.values()}
    assert bottlerocket.MIG_MODELS.keys() <= known
    for (gpu, memory_mib), model in bottlerocket.MIG_MODELS.items():
        assert mig_profiles(gpu, memory_mib)
        assert model.startswith(f"{gpu}.")


@pytest.mark.parametrize("minor", SUPPORTED_MINORS)
def test_the_pinned_operator_has_drivers_for_a_ubuntu_on_every_minor(minor: str):
    assert has_driver(GPU_OPERATOR.version, "24.04", minor)


def test_a_newer_ubuntu_came_with_a_newer_operator():
    assert DRIVER_UBUNTUS.keys() <= GPU_OPERATOR_MINORS.keys()
    assert not has_driver("v26.3.3", "26.04", "1.36")
    assert has_driver("v26.7.0", "26.04", "1.36")
    assert not has_driver("v26.7.0", "26.04", "1.37")
