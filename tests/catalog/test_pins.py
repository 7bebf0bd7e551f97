import inspect
import re
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from types import ModuleType

import pytest

from catalog import charts, eks, images
from catalog.charts import CHARTS, Chart
from catalog.eks import (
    ADDON_NAMES,
    ADDON_VERSIONS,
    KUBERNETES_VERSIONS,
    AddonVersion,
    KubernetesMinor,
    addon_version,
)
from catalog.images import IMAGES, Image

TODAY = date(2026, 11, 21)
MARKER = re.compile(r"# renovate: datasource=(\S+)(?: depName=(\S+))?(?: registryUrl=(\S+))?$")


def source(module: ModuleType) -> list[str]:
    """Return the lines of a module of the catalog."""
    return inspect.getsource(module).splitlines()


def marked(module: ModuleType) -> dict[str, tuple[str | None, str | None]]:
    """Return depName and registryUrl of each quoted version that follows a Renovate marker."""
    lines = source(module)
    return {
        f"{marker[2]} {pin[1]}": (marker[2], marker[3])
        for above, line in pairwise(lines)
        if (marker := MARKER.search(above)) and (pin := re.search(r'"(.+)"', line))
    }


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
def test_every_chart_has_a_marker_that_finds_it_and_a_source(chart: Chart):
    address = chart.reference.removeprefix("oci://")
    assert marked(charts)[f"{address} {chart.version}"] == (address, chart.repository_option)
    assert chart.source
    assert chart.released <= TODAY


def test_a_chart_in_a_registry_is_its_whole_address():
    assert charts.KARPENTER.reference == "oci://public.ecr.aws/karpenter/karpenter"
    assert charts.KARPENTER.repository_option is None
    assert charts.NVIDIA_DRA.reference == (
        "oci://registry.k8s.io/dra-driver-nvidia/charts/dra-driver-nvidia-gpu"
    )
    assert charts.HAMI.reference == "hami"
    assert charts.HAMI.repository_option == "https://project-hami.github.io/HAMi"


def test_karpenter_and_its_crds_move_together():
    assert charts.KARPENTER.version == charts.KARPENTER_CRD.version
    assert charts.KARPENTER.version.startswith("1.14.")


@pytest.mark.parametrize("image", IMAGES, ids=[image.reference for image in IMAGES])
def test_every_image_has_a_marker_a_source_and_a_fixed_tag_on_a_named_host(image: Image):
    address = f"{image.registry}/{image.repository}"
    assert f"{address} {image.tag}" in marked(images)
    assert image.source
    assert image.read <= TODAY
    assert "." in image.registry
    assert re.match(r"v?\d+\.\d+", image.tag)


def test_an_image_reference_is_written_out():
    assert images.VLLM.reference == "docker.io/vllm/vllm-openai:v0.33.0"


@pytest.mark.parametrize("found", [images.KUBE_SCHEDULERS, images.CLUSTER_AUTOSCALERS])
def test_what_schedules_or_foresees_it_is_of_each_cluster_s_minor(found: Mapping[str, Image]):
    assert found.keys() == KUBERNETES_VERSIONS.keys()
    for minor, image in found.items():
        assert image.tag.startswith(f"v{minor}.")


@pytest.mark.parametrize("pin", ADDON_VERSIONS, ids=[pin.version for pin in ADDON_VERSIONS])
def test_every_add_on_pin_is_marked_and_sourced_and_its_minor_is_offered(pin: AddonVersion):
    line = next(
        line
        for line in source(eks)
        if f'"{pin.kubernetes}", "{pin.addon}", "{pin.version}"' in line
    )
    assert line.endswith("# renovate: aws-eks-addon")
    assert pin.source
    assert pin.read <= TODAY
    assert pin.kubernetes in KUBERNETES_VERSIONS
    assert re.fullmatch(r"v\d+\.\d+\.\d+-eksbuild\.\d+", pin.version)


def test_every_add_on_of_the_newest_minor_is_pinned_once():
    pinned = [pin.addon for pin in ADDON_VERSIONS if pin.kubernetes == "1.36"]
    assert sorted(pinned) == sorted(ADDON_NAMES)
    assert addon_version("kube-proxy", "1.36") == "v1.36.0-eksbuild.25"


def test_an_add_on_without_evidence_is_left_to_eks():
    assert addon_version("eks-pod-identity-agent", "1.34") is None
    assert addon_version("vpc-cni", "1.20") is None


def test_kube_proxy_is_of_its_cluster_s_minor():
    for pin in ADDON_VERSIONS:
        assert pin.addon != "kube-proxy" or pin.version.startswith(f"v{pin.kubernetes}.")


def test_every_kubernetes_minor_has_a_sourced_end_and_an_image():
    assert [*KUBERNETES_VERSIONS] == ["1.36", "1.35", "1.34", "1.33"]
    assert KUBERNETES_VERSIONS["1.36"].standard_support_ends == date(2027, 8, 2)
    assert eks.NODE_GROUP_RELEASES.keys() == KUBERNETES_VERSIONS.keys()
    for minor in KUBERNETES_VERSIONS.values():
        assert minor.source
        assert eks.NODE_GROUP_RELEASES[minor.name].startswith(f"{minor.name}.")


def test_what_is_past_or_ends_soon_is_so_on_the_day_of_the_catalog():
    assert eks.AS_OF == TODAY
    assert eks.SUPPORTED_MINORS == ("1.36", "1.35", "1.34")
    assert {name for name, minor in KUBERNETES_VERSIONS.items() if minor.is_past} == {"1.33"}
    assert {name for name, minor in KUBERNETES_VERSIONS.items() if minor.ends_soon} == {"1.34"}


def test_support_ends_with_its_last_day_and_not_before():
    def minor(ends: date) -> KubernetesMinor:
        return KubernetesMinor(name="1.36", standard_support_ends=ends, source="here")

    assert not minor(eks.AS_OF).is_past
    assert minor(eks.AS_OF - timedelta(days=1)).is_past
    assert minor(eks.AS_OF + timedelta(days=89)).ends_soon
    assert not minor(eks.AS_OF + timedelta(days=90)).ends_soon
    assert not minor(eks.AS_OF - timedelta(days=1)).ends_soon


def test_the_node_image_is_pinned_before_the_release_with_the_broken_toolkit():
    assert eks.NODE_IMAGE_ALIAS == "al2023@v20260714"
    assert f"awslabs/amazon-eks-ami {eks.NODE_IMAGE_RELEASE}" in marked(eks)
