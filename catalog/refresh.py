"""Write `instance_type_facts.py` anew from its sources.

Run `python -m catalog.refresh KARPENTER_FOLDER REGIONAL_PRICES`, where the first is a checkout of
aws/karpenter-provider-aws and the second the `data/instances.json` of the Go module
github.com/cristim/ec2-instances-info; then read the diff.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from catalog.instance_type_facts import COLUMNS

GPU_FAMILIES = (
    *("g4dn", "g5", "g5g", "g6", "g6e", "g6f", "g7", "g7e", "gr6", "gr6f"),
    *("p4d", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300"),
)
SYSTEM_TYPES = tuple(
    f"{f}.{size}" for f in ("m7i", "m7g") for size in ("large", "xlarge", "2xlarge")
)
HOME_REGION = "us-east-1"
REGIONS = COLUMNS[-4:]
DATED = {
    "pages": "website/content/en/docs/reference/instance-types.md",
    "limits": "pkg/providers/instancetype/zz_generated.vpclimits.go",
    "bandwidth": "pkg/providers/instancetype/zz_generated.bandwidth.go",
    "prices": "pkg/providers/pricing/zz_generated.pricing_aws.go",
}


def labels_by_type(page: str) -> dict[str, dict[str, str]]:
    """Return every type's labels and resources; `instance-` keys are Karpenter's labels."""
    rows = re.compile(r"^ \|([^|\s]+)\|([^|]*)\|$", re.MULTILINE)
    return {
        section.split("`", 1)[0]: {
            key.removeprefix("karpenter.k8s.aws/"): value for key, value in rows.findall(section)
        }
        for section in page.split("\n### `")[1:]
    }


def interface_limits(source: str) -> dict[str, tuple[int, int, int]]:
    """Return per type: interfaces in all, interfaces of the default card, IPv4 per interface."""
    entry = re.compile(
        r'^\t"(?P<name>[^"]+)": \{\n\t\tInterface: +(?P<all>\d+),\n'
        r"\t\tIPv4PerInterface: +(?P<ips>\d+),"
        r"(?P<rest>.*?)^\t\},",
        re.MULTILINE | re.DOTALL,
    )
    card = re.compile(r"MaximumNetworkInterfaces: (\d+),\s+NetworkCardIndex: +(\d+),")
    found: dict[str, tuple[int, int, int]] = {}
    for limit in entry.finditer(source):
        default = re.search(r"DefaultNetworkCardIndex: (\d+)", limit["rest"])
        cards = {index: int(count) for count, index in card.findall(limit["rest"])}
        on_default = cards[default[1]] if default else int(limit["all"])
        found[limit["name"]] = (int(limit["all"]), on_default, int(limit["ips"]))
    return found


def priced(source: str) -> dict[str, Decimal]:
    """Return the home region's on-demand price per type, in dollars per hour."""
    home = source.split(f'"{HOME_REGION}": {{', 1)[1]
    return {
        name: Decimal(usd).normalize() for name, usd in re.findall(r'"([^"]+)": ([\d.]+)', home)
    }


def regional_prices(
    listing: list[dict[str, Any]], home: Mapping[str, Decimal]
) -> dict[str, list[str]]:
    """Return each type's price per region; `-` where it is unknown or no longer holds.

    The listing is older than `home`: its prices count only for types whose home price is unchanged.
    """
    found: dict[str, list[str]] = {}
    for row in listing:
        name, pricing = row["instance_type"], row["pricing"]
        listed = {r: pricing.get(r, {}).get("linux", {}).get("ondemand") for r in REGIONS}
        if listed[HOME_REGION] and Decimal(listed[HOME_REGION]).normalize() == home.get(name):
            found[name] = [
                str(Decimal(listed[r]).normalize()) if listed[r] else "-" for r in REGIONS
            ]
    return found


def table(karpenter: Path, listing: list[dict[str, Any]]) -> Iterator[str]:
    """Yield one line per instance type, columns in the order of `COLUMNS`."""
    text = {key: (karpenter / path).read_text("utf-8") for key, path in DATED.items()}
    limits, home = interface_limits(text["limits"]), priced(text["prices"])
    bandwidth = dict(re.findall(r'"([^"]+)": +(\d+),', text["bandwidth"]))
    regional = regional_prices(listing, home)
    for name, labels in labels_by_type(text["pages"]).items():
        if labels["instance-family"] not in GPU_FAMILIES and name not in SYSTEM_TYPES:
            continue
        mbps = Decimal(labels.get("instance-network-bandwidth") or bandwidth[name])
        unlisted = [str(home.get(name, "-")), *["-"] * (len(REGIONS) - 1)]
        yield " ".join(
            str(cell)
            for cell in (
                name,
                labels["kubernetes.io/arch"],
                labels["instance-cpu"],
                labels["instance-memory"],
                labels.get("nvidia.com/gpu", 0),
                labels.get("instance-gpu-name", "-"),
                labels.get("instance-gpu-memory", 0),
                labels.get("instance-local-nvme", 0),
                f"{(mbps / 1000).normalize():f}",
                labels.get("vpc.amazonaws.com/efa", 0),
                *limits[name],
                *regional.get(name, unlisted),
            )
        )


def main(karpenter: Path, regional: Path) -> None:
    """Replace the table in `instance_type_facts.py`, and leave its header to the reader."""
    target = Path(__file__).with_name("instance_type_facts.py")
    rows = "\n".join(table(karpenter, json.loads(regional.read_text("utf-8")))) + "\n"
    head = target.read_text("utf-8").split("TABLE_SHA256 = ", 1)[0]
    digest = hashlib.sha256(rows.encode()).hexdigest()
    target.write_text(
        f'{head}TABLE_SHA256 = "{digest}"\nTABLE = """\\\n{rows}"""\n', encoding="utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
