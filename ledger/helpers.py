"""Processes that help this one: forked from one that has read the program, as reading it takes each half a second."""

from __future__ import annotations

from multiprocessing import forkserver, get_all_start_methods, get_context
from multiprocessing.context import ForkServerContext, SpawnContext
from typing import Final

IMPORTING: Final = "ledger.arranging"
"""What those read who read and compare a file."""


def helpers(*modules: str) -> ForkServerContext | SpawnContext:
    """How processes are started that need these modules; the one they are forked from starts reading them now.

    It is a process of its own, which has no thread and no connection: this one may have both. Where there is
    none, each reads the program itself.
    """
    if "forkserver" in get_all_start_methods():
        forkserver.set_forkserver_preload(list(modules))
        try:
            forkserver.ensure_running()
        except OSError:  # no socket can be had, as the name of the folder for it is too long
            return get_context("spawn")
        return get_context("forkserver")
    return get_context("spawn")
