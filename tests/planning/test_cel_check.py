"""What is said of a CEL expression without an API server."""

import pytest

from catalog.device_drivers import HAMI, NVIDIA
from planning.sharing.cel_check import references, slips

GPU = "device.attributes['gpu.nvidia.com']"
SOUND = [
    f"{GPU}.productName.lowerAscii().matches('^.*l4.*$')",
    f"{GPU}['brand'] == \"Nvidia\" // as NVML says",
    "device.capacity['gpu.nvidia.com'].memory.compareTo(quantity('20Gi')) >= 0",
    "device.attributes['resource.kubernetes.io'].pcieRoot != ''",
    f"['A', 'B'].exists(one, {GPU}.productName == one) || has({GPU}.profile)",
    f"cel.bind(gpu, {GPU}, gpu.type == 'gpu' && true)",
    "'gpu.nvidia.com' in device.attributes && device.driver == r'gpu.nvidia.com'",
    "device.allowMultipleAllocations == false",
    "device.attributes[device.driver].type == 'gpu'",
]


@pytest.mark.parametrize("expression", SOUND)
def test_a_sound_expression_is_let_through(expression: str):
    assert [*slips(expression, NVIDIA)] == []


@pytest.mark.parametrize(
    ("expression", "problem", "fix"),
    [
        (f"{GPU}.type == 'gpu", "breaks off at `'gpu`: the quote is not closed", "close the quote"),
        ("device # driver", "breaks off at `# driver`: no CEL", "write CEL over `device`"),
        ("(device.driver == 'x'", "lacks a `)` at its end", "balance the brackets"),
        ("device.driver == 'x']", "has a `]` that closes nothing", "balance the brackets"),
        (
            "gpu.memory > 1",
            "speaks of `gpu`, where only `device` is known",
            "begin with `device.`, or write 'gpu' for a text",
        ),
        (
            "device == 'gpu'",
            "takes `device` as a whole",
            "read one of its driver, attributes, capacity, allowMultipleAllocations",
        ),
        ("device.atributes['a'].b", "reads `device.atributes`", "did you mean 'attributes'?"),
        (
            "device.attributes['gpu.nvidea.com'].type == 'gpu'",
            "reads attributes of 'gpu.nvidea.com', which the devices of the pool do not have",
            "did you mean 'gpu.nvidia.com'?",
        ),
        (
            f"{GPU}.pcieRoot == 'x'",
            "reads the attribute 'pcieRoot', which 'gpu.nvidia.com' does not publish",
            "read it of 'resource.kubernetes.io'",
        ),
        (
            f"{GPU}['architekture'] == 'Hopper'",
            "reads the attribute 'architekture', which 'gpu.nvidia.com' does not publish",
            "did you mean 'architecture'?",
        ),
        (
            "device.capacity['gpu.nvidia.com'].zzz == 1",
            "reads the capacity 'zzz', which 'gpu.nvidia.com' does not publish",
            (
                "it publishes copyEngines, decoders, encoders, jpegEngines, memory, "
                "multiprocessors, ofaEngines"
            ),
        ),
        (
            f"'{'é' * 5200}' == device.driver",
            "has 10,419 bytes, the API takes 10,240",
            "say it with fewer words, or apart",
        ),
    ],
)
def test_a_slip_is_named_with_what_would_be_right(expression: str, problem: str, fix: str):
    (found,) = slips(expression, NVIDIA)
    assert (found.problem, found.fix) == (problem, fix)


def test_each_driver_has_words_of_its_own():
    cores = "device.capacity['hami-core-gpu.project-hami.io'].cores"
    assert [*slips(f"{cores} == quantity('100')", HAMI)] == []
    assert [*slips(f"{cores} == quantity('100')", NVIDIA)] != []


def test_what_an_expression_reads_is_known_by_its_bare_names():
    expression = f"{GPU}.brand == 'x' && device.capacity['a']['memory'] == {GPU}[device.driver]"
    assert [*references(expression)] == [("attributes", "brand"), ("capacity", "memory")]
