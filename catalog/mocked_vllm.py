"""vLLM's argument parser, built where neither vLLM nor torch is installed.

The documentation of vLLM lists its arguments the same way (docs/mkdocs/gen_files of its releases).
"""

import argparse
import importlib
import importlib.metadata
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, get_type_hints
from unittest.mock import MagicMock, patch

from pydantic_core import core_schema

VERSIONS: Final = {"transformers": "5.0.0", "numba": "1.0.0"}
"""What vLLM asks for when it is imported, of packages that are mocked here."""


class Mock(MagicMock):
    """A package that is not installed; pydantic may meet its types."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.__spec__ = ModuleSpec(str(kwargs.get("name")), None)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Take any value."""
        return core_schema.any_schema()


def _undecorated(*_: Any, **__: Any) -> Callable[[Any], Any]:
    return lambda cls: cls


def _outputs(function: Any, **_: Any) -> str:
    returned = get_type_hints(function)["return"]
    parts = getattr(returned, "__args__", None) or (returned,)
    return "(Tensor x) -> " + ", ".join(getattr(part, "__name__", str(part)) for part in parts)


def mock_torch(version: str) -> None:
    """Replace torch and vLLM's compiled parts, and answer which versions are installed."""
    layers = SimpleNamespace(register=_undecorated)
    nn = MagicMock(Parameter=object, Module=type("Module", (), {}))
    sys.modules |= {
        "vllm._C": MagicMock(),
        "vllm._C_stable_libtorch": MagicMock(),
        "vllm.model_executor.custom_op": MagicMock(CustomOp=layers, PluggableLayer=layers),
        "vllm.utils.torch_utils": MagicMock(direct_register_custom_op=_undecorated),
        "torch": Mock(name="torch", nn=nn),
        "torch.nn": nn,
        "torch.library": MagicMock(infer_schema=_outputs),
    }
    named = VERSIONS | {"vllm": version}
    installed = importlib.metadata.version

    def answered(name: str) -> str:
        try:
            return named.get(name) or installed(name)
        except importlib.metadata.PackageNotFoundError:
            return "0.0.0"

    importlib.metadata.version = answered


def mocking(make: Callable[[], Any]) -> Any:
    """Return what `make` returns, with a mock for each module that it misses."""
    while True:
        try:
            return make()
        except ModuleNotFoundError as missing:
            sys.modules[str(missing.name)] = Mock(name=missing.name)


def parser_of(source: Path) -> argparse.ArgumentParser:
    """Return the parser of `vllm serve`.

    Errors: StopIteration when the release has no `make_arg_parser`.
    """
    utils = mocking(lambda: importlib.import_module("vllm.utils.argparse_utils"))
    made = next(
        ".".join(file.relative_to(source).with_suffix("").parts)
        for file in sorted(source.glob("vllm/**/cli_args.py"))
        if "def make_arg_parser" in file.read_text("utf-8")
    )
    module = mocking(lambda: importlib.import_module(made))
    with patch("vllm.config.DeviceConfig.__post_init__"):
        return mocking(lambda: module.make_arg_parser(utils.FlexibleArgumentParser()))
