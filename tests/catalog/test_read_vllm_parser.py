"""The reader of a release's parser, on a release of a few lines."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
FILES = {
    "vllm/__init__.py": "",
    "vllm/utils/__init__.py": "",
    "vllm/utils/argparse_utils.py": """
import argparse
import torch
import a_package_that_nobody_has

class FlexibleArgumentParser(argparse.ArgumentParser):
    pass

def human_readable_int(value):
    return int(value)
""",
    "vllm/config/__init__.py": """
from typing import Annotated, Literal
from pydantic import Field
from pydantic.dataclasses import dataclass

CacheDType = Literal["auto", "fp8"]

class DeviceConfig:
    def __post_init__(self):
        raise RuntimeError("no device here")

@dataclass
class SpeculativeConfig:
    method: str = "ngram"

@dataclass
class CacheConfig:
    max_loras: Annotated[int, Field(ge=1)] = 1
    shape: int = Field(default=1, gt=0, le=8)
""",
    "vllm/entrypoints/cli_args.py": """
import argparse
import json
import vllm.config
from vllm.utils.argparse_utils import human_readable_int

def optional_type(convert):
    def _optional_type(value):
        return None if value == "None" else convert(value)
    return _optional_type

def parse_dataclass(value, cls=vllm.config.CacheConfig):
    return cls(**json.loads(value))

def make_arg_parser(parser):
    vllm.config.DeviceConfig().__post_init__()
    off = argparse.BooleanOptionalAction
    parser.add_argument("model_tag", nargs="?")
    parser.add_argument("--enable-lora", "-el", action=off, default=None)
    parser.add_argument("--disable-log-stats", action="store_true")
    parser.add_argument("--max-loras", type=optional_type(int), default=1)
    parser.add_argument("--lora-modules", nargs="+", type=optional_type(str))
    parser.add_argument("--size", type=human_readable_int, default=argparse.SUPPRESS)
    parser.add_argument("--cache", type=parse_dataclass, default=vllm.config.CacheConfig())
    parser.add_argument("--backend", type=lambda text: text.lower(), choices=["a_b", None])
    parser.add_argument("--mode", type=optional_type(str), choices=["a", "None"])
    parser.add_argument("--middleware", action="append", default=[])
    parser.add_argument("--kv-cache-dtype", default="auto")
    parser.add_argument("--speculative-config", type=optional_type(json.loads))
    return parser
""",
    "vllm/entrypoints/__init__.py": "",
}
EXPECTED: dict[str, dict[str, Any]] = {
    "--backend": {"kind": "word", "choices": ["a_b"], "default": None},
    "--cache": {"kind": "json", "keys": ["max_loras", "shape"], "default": None},
    "--disable-log-stats": {"kind": "bool", "default": False},
    "--enable-lora": {
        "kind": "bool",
        "names": ["-el"],
        "off": ["--no-enable-lora"],
        "default": None,
    },
    "--kv-cache-dtype": {"kind": "string", "registered": ["auto", "fp8"], "default": "auto"},
    "--lora-modules": {"kind": "string", "many": "+", "nullable": True, "default": None},
    "--max-loras": {"kind": "int", "nullable": True, "bounds": {"ge": 1}, "default": 1},
    "--middleware": {"kind": "string", "repeats": True, "default": []},
    "--mode": {"kind": "string", "choices": ["a"], "default": None},
    "--size": {"kind": "size", "default": None},
    "--speculative-config": {
        "kind": "json",
        "keys": ["method"],
        "nullable": True,
        "default": None,
    },
}


def test_each_flag_of_a_release_is_told_without_torch_and_without_its_packages(tmp_path: Path):
    for name, text in FILES.items():
        file = tmp_path / "source" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    command = [sys.executable, "-m", "catalog.read_vllm_parser"]
    command += [str(tmp_path / "source"), "0.33.0", str(tmp_path)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads((tmp_path / "0.33.0.json").read_text("utf-8")) == EXPECTED
