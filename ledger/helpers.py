"""Processes that help this one: forked from one that has read the program, as reading it takes each half a second."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import forkserver, get_all_start_methods, get_context, parent_process
from multiprocessing.context import ForkServerContext, SpawnContext
from typing import Final, TypeVarTuple

Ts = TypeVarTuple("Ts")

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


def pool(
    processes: int,
    begin: Callable[[*Ts], object] | None = None,
    *told: *Ts,
    context: ForkServerContext | SpawnContext | None = None,
) -> ProcessPoolExecutor:
    """So many processes that do what they are asked, each once it has begun with what it is told."""
    context = get_context("spawn") if context is None else context
    return ProcessPoolExecutor(processes, context, _begin, (begin, told))


def go_with_the_first() -> None:
    """Interrupts are the first process's affair; when that is gone, whatever way, this one goes, too.

    Else a helper would wait for ever for what it is to do next: the pipe on which it listens never ends, as it holds
    the other end itself.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_wait_for_the_first, daemon=True).start()


def _wait_for_the_first() -> None:
    first = parent_process()
    if first is not None:
        first.join()
        os._exit(1)


def _begin(begin: Callable[..., object] | None, told: tuple[object, ...]) -> None:
    go_with_the_first()
    if begin is not None:
        begin(*told)
