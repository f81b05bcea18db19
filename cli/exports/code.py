"""Names the code that made a figure: by the SHA-256 of its source."""

from __future__ import annotations

import sys
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

PACKAGES: Final = ("ledger", "projections", "cli")
SOURCES: Final = (".py", ".toml")


def digest_of_module(kind: type) -> str:
    """SHA-256 of the source file in which a class is written."""
    return _digest_of(kind.__module__)


@cache
def _digest_of(module: str) -> str:
    source = sys.modules[module].__file__
    assert source is not None, f"{module} comes from a file"
    return sha256(Path(source).read_bytes()).hexdigest()


@cache
def digest_of_program() -> str:
    """SHA-256 over the name and the SHA-256 of every source file, sorted: `sha256sum` lines."""
    lines = sorted(
        f"{sha256(file.read_bytes()).hexdigest()}  {name}\n"
        for package in PACKAGES
        for name, file in _sources(files(package), package)
    )
    return sha256("".join(lines).encode()).hexdigest()


def _sources(folder: Traversable, path: str) -> list[tuple[str, Traversable]]:
    found = []
    for one in folder.iterdir():
        name = f"{path}/{one.name}"
        if one.is_dir() and one.name != "__pycache__":
            found += _sources(one, name)
        elif one.name.endswith(SOURCES):
            found.append((name, one))
    return found
