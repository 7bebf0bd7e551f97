from typing import Any

import pytest

from settings.finding import Finding
from settings.reading import read_environment
from tests.documents import REMOVED, config

KINDS = "use one of 'karpenter', 'auto', 'managed'"
NAME = "use at most 40 of a-z, 0-9 and `-`, with a letter or digit at both ends"
MAPPING = "write a mapping, `key: value`"
ARN = "write a whole ARN, arn:aws:iam::<12 digits>:role/<name> or …:user/<name>"

WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"templat": "dev"}, ["templat: is not a known key; did you mean `template`?"]),
    ({"xyzzy": 1}, ["xyzzy: is not a known key; remove it"]),
    ({"template": "test"}, ["template: is 'test'; use 'dev' or 'prod'"]),
    ({"template": REMOVED}, ["template: is missing; add it, it has no default"]),
    ({"cluster": 5}, [f"cluster: is 5; {MAPPING}"]),
    ({"cluster": None}, [f"cluster: is empty; {MAPPING}"]),
    ({"cluster.admins": []}, ["cluster.admins: is empty; name at least one"]),
    ({"cluster.admins": "me"}, ["cluster.admins: is 'me'; write a list, `[one, another]`"]),
    ({"cluster.admins": ["me"]}, [f"cluster.admins.0: is 'me'; {ARN}"]),
    (
        {"cluster.kubernetes": 1.36},
        ["cluster.kubernetes: is 1.36; write it in quotes"],
    ),
    (
        {"cluster.kubernetes": "1.36.2"},
        ["cluster.kubernetes: is '1.36.2'; write a minor version in quotes, \"1.36\""],
    ),
    (
        {"cluster.deletion_protection": "yes"},
        ["cluster.deletion_protection: is 'yes'; write true or false, without quotes"],
    ),
    ({"cluster.system_nodes.count": 1}, ["cluster.system_nodes.count: is 1; use at least 2"]),
    ({"cluster.system_nodes.count": 11}, ["cluster.system_nodes.count: is 11; use at most 10"]),
    (
        {"cluster.system_nodes.count": True},
        ["cluster.system_nodes.count: is true; write a whole number, without quotes"],
    ),
    (
        {"cluster.system_nodes.instance": None},
        ["cluster.system_nodes.instance: is empty; write it"],
    ),
    (
        {"network.cidr": "10.20/16"},
        ["network.cidr: is '10.20/16'; write an IPv4 block, 10.20.0.0/16"],
    ),
    ({"network.nat": "no"}, ["network.nat: is 'no'; use 'single', 'per-zone' or 'none'"]),
    ({"network.zones": 1}, ["network.zones: is 1; use at least 2"]),
    ({"network.zones": "3"}, ["network.zones: is '3'; write a whole number, without quotes"]),
    ({"network.zones": ["us-west-2a"]}, ["network.zones: names 1; name 2 to 6 zones"]),
    (
        {"network.zones": ["us-west-2a", "us-west-2a"]},
        ["network.zones: names us-west-2a more than once; name each once"],
    ),
    (
        {"network.zones": ["us-west-2a", "usw2-az1"]},
        ["network.zones.1: is 'usw2-az1'; write the name of a zone, us-east-1a"],
    ),
    (
        {"network.zone_ids": {"us-west-2a": "b"}},
        ["network.zone_ids.us-west-2a: is 'b'; write the id of a zone, use1-az6"],
    ),
    (
        {"cluster.secrets_kms_key_arn": "arn:aws:kms:us-west-2:111122223333:alias/cluster"},
        [
            (
                "cluster.secrets_kms_key_arn: is "
                "'arn:aws:kms:us-west-2:111122223333:alias/cluster'; write the ARN of a key, "
                "arn:aws:kms:<region>:<12 digits>:key/<id>"
            )
        ],
    ),
    (
        {"cluster.public_access": {"cidrs": []}},
        ["cluster.public_access.cidrs: is empty; name at least one"],
    ),
    ({"pools": {}}, ["pools: is empty; name at least one"]),
    ({"pools": ["l40s"]}, [f"pools: is a list; {MAPPING}"]),
    ({"pools.l40s": None}, [f"pools.l40s: is empty; {MAPPING}"]),
    (
        {"pools.L40S": {}},
        [
            f"pools.L40S: is not a name; {NAME}",
            "pools.L40S: has no `provisioner`; add `provisioner:` to say which kind it is",
        ],
    ),
    (
        {"pools.l40s.provisioner": REMOVED},
        ["pools.l40s: has no `provisioner`; add `provisioner:` to say which kind it is"],
    ),
    ({"pools.l40s.provisioner": "aws"}, [f"pools.l40s: `provisioner` is 'aws'; {KINDS}"]),
    ({"pools.l40s.provisioner": [1]}, [f"pools.l40s: `provisioner` is a list; {KINDS}"]),
    (
        {"pools.l4.sharing.kind": "hamy"},
        [
            (
                "pools.l4.sharing: `kind` is 'hamy'; use one of "
                "'whole', 'time-slicing', 'mps', 'mig', 'dra', 'hami', 'hami-dra'"
            )
        ],
    ),
    (
        {"pools.l40s.gpu_limit": "8"},
        ["pools.l40s.gpu_limit: is '8'; write a whole number, without quotes"],
    ),
    (
        {"pools.l40s.gpu_limit": 8.5},
        ["pools.l40s.gpu_limit: is 8.5; write a whole number, without quotes"],
    ),
    ({"pools.l40s.gpu_limit": 10**9}, ["pools.l40s.gpu_limit: is 1000000000; use at most 10000"]),
    (
        {"pools.l40s.instances": ["g6.xlarge", "g6.xlarge"]},
        ["pools.l40s.instances: names g6.xlarge more than once; name each once"],
    ),
    (
        {"pools.l40s.capacity": ["spott"]},
        ["pools.l40s.capacity.0: is 'spott'; use 'reserved', 'spot' or 'on-demand'"],
    ),
    (
        {"pools.l40s.disruption": [{"nodes": "101%"}]},
        [
            (
                "pools.l40s.disruption.0.nodes: is '101%'; write a number of nodes in quotes, "
                '"1", or a part of the pool, "10%"'
            )
        ],
    ),
    (
        {"pools.l40s.disruption": [{"nodes": 1}]},
        ["pools.l40s.disruption.0.nodes: is 1; write it in quotes"],
    ),
    (
        {"pools.l40s.disruption": [{"nodes": "1"}] * 51},
        ["pools.l40s.disruption: is a list; name at most 50"],
    ),
    (
        {"pools.l40s.reservations": ["ocr-1"]},
        [
            (
                "pools.l40s.reservations.0: is 'ocr-1'; write the id of a capacity reservation, "
                "cr-0123456789abcdef0"
            )
        ],
    ),
    (
        {"pools.l40s.labels": {"-team": "a b"}},
        [
            (
                "pools.l40s.labels.-team: is not a name; write a key of Kubernetes, team or "
                "example.com/team"
            ),
            (
                "pools.l40s.labels.-team: is 'a b'; use at most 63 of letters, digits, `-`, `_` "
                "and `.`, the first and the last a letter or digit"
            ),
        ],
    ),
    (
        {"karpenter": {"version": "v1.14"}},
        ["karpenter.version: is 'v1.14'; write a whole release without `v`, 1.14.1"],
    ),
    ({"pools.l40s.node": 2}, ["pools.l40s.node: is not a known key; did you mean `nodes`?"]),
    ({"models.chat.gpu": 1}, ["models.chat.gpu: is not a known key; did you mean `gpus`?"]),
    (
        {"models.chat.pool": REMOVED},
        ["models.chat.pool: is missing; add it, it has no default"],
    ),
    (
        {"models.chat.model": "Qwen"},
        ["models.chat.model: is 'Qwen'; write a Hugging Face repository, owner/name"],
    ),
    (
        {"models.chat.revision": "main"},
        ["models.chat.revision: is 'main'; write a whole commit, 40 digits of 0-9 and a-f"],
    ),
    (
        {"models.chat.concurrency": 0},
        ["models.chat.concurrency: is 0; use at least 1"],
    ),
    (
        {"models.chat.replicas": {"min": 4, "max": 2}},
        ["models.chat.replicas: max 2 is below min 4; raise max or lower min"],
    ),
    (
        {"models.tiny.gpus": 1},
        ["models.tiny: asks for gpus and share; keep one of them"],
    ),
    (
        {"models": {"qwen3.8b": {"model": "a/b", "pool": "l40s", "context": 512}}},
        [f"models.qwen3.8b: is not a name; {NAME}"],
    ),
    ({"budget.usd_per_month": 0}, ["budget.usd_per_month: is 0; use more than 0"]),
    (
        {"models.chat.model": "x" * 70},
        [f"models.chat.model: is '{'x' * 60}'…; write a Hugging Face repository, owner/name"],
    ),
]


def sentences(findings: tuple[Finding, ...]) -> list[str]:
    assert {finding.source for finding in findings} <= {"settings/schema.json"}
    return [f"{finding.path}: {finding.problem}; {finding.fix}" for finding in findings]


@pytest.mark.parametrize(("changes", "expected"), WRONG, ids=[next(iter(row[0])) for row in WRONG])
def test_a_wrong_part_is_named_with_its_path_and_its_fix(
    changes: dict[str, Any], expected: list[str]
):
    found = sentences(read_environment("dev", config(changes)).findings)
    assert found == expected
