"""A large file compared by a process of its own, which gives its entries their places while this one writes them."""

from __future__ import annotations

import contextlib
import gc
import marshal
import pickle
from collections.abc import Iterator
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Final, Self

import msgspec

from ledger.comparing import Compared, Comparison, Outcome
from ledger.events import BY_TOPIC
from ledger.gathering import Rows
from ledger.helpers import IMPORTING, go_with_the_first, helpers
from ledger.store import Batch, Head, Log, Placed, Tile, in_parts, open_log, place

SETTLE: Final = b"settle"
ENDS_SECONDS: Final = 10
"""How long the other process may take to end once it is no longer needed."""


class Lost(Exception):
    """The other process is gone before it was done."""


class Task(msgspec.Struct, frozen=True):
    """All that the other process must know."""

    url: str
    account: str
    rows: Rows
    tells_of_persons: bool
    hears_others: bool


class Arranger:
    """A process that compares a file as soon as nobody else may append to the log."""

    outcome: Outcome

    def __init__(self, task: Task) -> None:
        context = helpers(IMPORTING)
        self._here, there = context.Pipe()
        self._process = context.Process(target=_arrange, args=(task, there), daemon=True)
        self._process.start()
        self._settles = False
        there.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the other process, unless it settles what was written: it writes nothing, so nothing is lost by that."""
        self._here.close()
        if not self._settles:
            self._process.terminate()
            self._process.join(ENDS_SECONDS)

    def settle(self, log: Log) -> None:
        """Have the other process bring what was written to its place; only when the log is closed it is waited for."""
        try:
            self._here.send_bytes(SETTLE)
        except OSError:
            log.settle()
        else:
            self._settles = True
            log.wait_for(self._process.join)

    def batches(self, head: Head) -> Iterator[Compared]:
        """What `Comparison.batches` gives, in its place behind the log's end, to be asked for under the lock.

        What the other process raises is raised here; Lost, where it is gone.
        """
        try:
            self._here.send_bytes(marshal.dumps(tuple(head)))
            while True:
                rows, tiles, end, told = marshal.loads(self._here.recv_bytes())  # noqa: S302  ours
                if rows:
                    yield Compared(Placed(rows, list(map(Tile._make, tiles)), Head(*end)))
                if told:
                    found = pickle.loads(told)  # noqa: S301  ours
                    if isinstance(found, BaseException):
                        raise found
                    if isinstance(found, Outcome):
                        self.outcome = found
                        return
                    yield found
        except (EOFError, OSError) as error:
            raise Lost("the process that compared the file is gone") from error


# --- the other process ------------------------------------------------------------------------


def _arrange(task: Task, there: Connection) -> None:
    go_with_the_first()
    gc.disable()  # as where a file is read: nothing that a row becomes holds itself
    with contextlib.suppress(EOFError, OSError):  # whoever asked is gone
        try:
            log = open_log(task.url, task.account, event_types=BY_TOPIC, clock=_no_clock)
            log.hold_little()  # looked up in the order in which the index has it
            with contextlib.closing(log):
                _tell(there, _compare(log, task, there))
                if there.recv_bytes() == SETTLE:
                    log.settle()
        except (EOFError, OSError):
            raise
        except BaseException as error:
            _tell(there, _that_travels(error))


def _compare(log: Log, task: Task, there: Connection) -> Outcome:
    head = Head(*marshal.loads(there.recv_bytes()))  # noqa: S302  ours
    comparison = Comparison(log, task.rows, task.tells_of_persons, task.hears_others)
    for compared in comparison.batches():
        for entries in in_parts([compared.entries]):
            head = _send(there, entries, head)
        if compared.confides or compared.erased:
            _tell(there, compared._replace(entries=()))
    return comparison.outcome


def _send(there: Connection, entries: Batch, head: Head) -> Head:
    assert not isinstance(entries, Placed), "they get their places here"
    placed = place(entries, head)
    tiles = list(map(tuple, placed.tiles))
    there.send_bytes(marshal.dumps((placed.rows, tiles, tuple(placed.head), b"")))
    return placed.head


def _tell(there: Connection, told: Compared | Outcome | BaseException) -> None:
    there.send_bytes(marshal.dumps(((), (), (), pickle.dumps(told))))


def _that_travels(error: BaseException) -> BaseException:
    """The error itself, unless it cannot be sent to another process."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  ours
    except Exception:
        return RuntimeError(repr(error))
    return error


def _no_clock() -> datetime:
    raise AssertionError("what is compared gets its moment from whoever writes it")
