"""The GPU Operator's release and the Kubernetes minors that can be chosen."""

import pytest

from catalog.charts import GPU_OPERATOR
from catalog.eks import KUBERNETES_VERSIONS
from catalog.gpu_operator import supports


@pytest.mark.parametrize("minor", KUBERNETES_VERSIONS)
def test_the_pinned_operator_supports_every_minor_that_can_be_chosen(minor: str):
    assert supports(GPU_OPERATOR.version, minor)


def test_the_release_before_the_support_of_a_minor_is_told_from_the_one_after_it():
    assert not supports("v26.3.1", "1.36")
    assert supports("v26.3.2", "1.36")
    assert supports("v26.3.1", "1.35")


def test_minors_are_compared_as_numbers():
    assert not supports("v26.3.3", "1.4")


def test_a_release_of_which_nothing_is_known_is_an_error():
    with pytest.raises(KeyError, match=r"v1\.0\.0"):
        supports("v1.0.0", "1.36")
