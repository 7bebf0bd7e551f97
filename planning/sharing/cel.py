"""CEL selectors of DRA devices, written from typed fields.

Sources: kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation (attributes,
capacities, `semver`, `quantity`); catalog/device_drivers.py (what is published).
"""

from collections.abc import Iterator

from settings.devices import DeviceSelector


def attribute(driver: str, name: str) -> str:
    """Return the expression of an attribute that a driver publishes in its own domain."""
    return f"device.attributes['{driver}'].{name}"


def capacity(driver: str, name: str) -> str:
    """Return the expression of a capacity."""
    return f"device.capacity['{driver}'].{name}"


def equals(driver: str, name: str, value: str) -> str:
    """Return the expression that an attribute is this text."""
    return f"{attribute(driver, name)} == {quoted(value)}"


def quoted(text: str) -> str:
    """Return a CEL string literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def of_type(driver: str, kind: str) -> str:
    """Return the expression that a device is the driver's, and of that `type`.

    The driver comes first: the devices of others have no such attribute, and to read one that is
    not there is an error that ends the whole allocation.
    """
    return f"device.driver == {quoted(driver)} && {equals(driver, 'type', kind)}"


def selectors(asked: DeviceSelector, driver: str) -> tuple[str, ...]:
    """Return one expression per field that is set; all must hold."""
    return tuple(_selectors(asked, driver))


def _selectors(asked: DeviceSelector, driver: str) -> Iterator[str]:
    if asked.product is not None:
        name = f"{attribute(driver, 'productName')}.lowerAscii()"
        yield f"{name}.contains({quoted(asked.product.lower())})"
    if asked.architecture is not None:
        yield equals(driver, "architecture", asked.architecture)
    if asked.min_memory_gib is not None:
        least = f"quantity('{asked.min_memory_gib}Gi')"
        yield f"{capacity(driver, 'memory')}.compareTo({least}) >= 0"
    if asked.min_compute_capability is not None:
        least = f"semver('{asked.min_compute_capability}.0')"
        yield f"{attribute(driver, 'cudaComputeCapability')}.compareTo({least}) >= 0"
    if asked.cel is not None:
        yield asked.cel
