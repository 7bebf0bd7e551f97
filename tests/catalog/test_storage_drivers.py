"""CSI drivers of shared files, and the versions that were seen to run."""

import inspect
import re
from datetime import date

import pytest

from catalog import storage_drivers
from catalog.eks import KUBERNETES_VERSIONS
from catalog.storage_drivers import (
    DRIVER_VERSIONS,
    EFS,
    FSX_LUSTRE,
    MOUNTPOINT_S3,
    STORAGE_DRIVERS,
    DriverVersion,
    driver_version,
)


@pytest.mark.parametrize("pin", DRIVER_VERSIONS, ids=[pin.addon for pin in DRIVER_VERSIONS])
def test_every_pin_is_marked_and_sourced_and_its_minor_is_offered(pin: DriverVersion) -> None:
    text = inspect.getsource(storage_drivers)
    written = f'"{pin.kubernetes}", "{pin.addon}", "{pin.version}"'
    (line,) = (line for line in text.splitlines() if written in line)
    assert line.endswith("# renovate: aws-eks-addon")
    assert pin.addon in STORAGE_DRIVERS
    assert pin.source
    assert pin.read <= date(2026, 11, 21)
    assert pin.kubernetes in KUBERNETES_VERSIONS
    assert re.fullmatch(r"v\d+\.\d+\.\d+-eksbuild\.\d+", pin.version)


def test_a_driver_without_evidence_for_a_minor_is_left_to_eks() -> None:
    assert driver_version(MOUNTPOINT_S3, "1.36") == "v2.7.0-eksbuild.1"
    assert driver_version(EFS, "1.35") == "v3.4.1-eksbuild.1"
    assert driver_version(FSX_LUSTRE, "1.36") is None
