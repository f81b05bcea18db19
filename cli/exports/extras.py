"""What some forms need besides the program, and how it is installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from ledger.errors import LedgerError

EXTRAS: Final = {"parquet": "pyarrow", "xlsx": "xlsxwriter"}
"""The module that a form needs; the extra is called after the form."""


def needed(module: str, extra: str, what: str | None = None) -> Any:
    """A module of another project; raises LedgerError where it is not installed."""
    try:
        return import_module(module)
    except ModuleNotFoundError:
        raise LedgerError(
            f"`{what or f'--with {extra}'}` needs {module.partition('.')[0]}, which is not installed",
            advice=f"Run `pip install 'returns-ledger[{extra}]'`"
            + ("." if what else f", or leave {extra} out."),
        ) from None
