"""The lists in which every kind is registered, read without knowing what a kind is."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def modules_in(package: str) -> Iterator[ModuleType]:
    """Every module of a folder of kinds."""
    found = importlib.import_module(package)
    for module in pkgutil.iter_modules(found.__path__, f"{package}."):
        yield importlib.import_module(module.name)


def registered(package: str, registry: str) -> tuple[Any, ...]:
    """What a registry lists, in its order."""
    return tuple(getattr(importlib.import_module(package), registry))


def names_of(package: str, registry: str) -> list[str]:
    """The names of what a registry lists: what a user types or reads for each."""
    return [
        str(getattr(kind, "name", None) or kind.claim_type)
        for kind in registered(package, registry)
    ]


def command_names() -> list[str]:
    """What can be typed after `returns-ledger`."""
    return [str(name) for name in registered("cli.commands", "COMMANDS")]
