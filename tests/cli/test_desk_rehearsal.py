"""A rehearsal: a log on which things are tried answers as the log would, and keeps nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cli.desk.lines import Filled, lines_of
from cli.desk.recording import Sending, record
from cli.desk.rehearsing import Rehearsal
from ledger.event import ACCOUNT_STREAM, Entry, order_stream
from ledger.events import BY_TOPIC
from ledger.events.keeping import EvidenceAttached
from ledger.importing import open_account
from ledger.rulebook import shipped
from ledger.store import Log, open_log
from tests.cli.terminal import TODAY

ORDER = "302-1234567-1234567"
STREAMS = [ACCOUNT_STREAM, order_stream(ORDER), "order/302-9999999-9999999"]


@pytest.fixture
def log(store_url: str) -> Iterator[Log]:
    """An account that has begun."""
    log = open_log(store_url, "main", event_types=BY_TOPIC, clock=lambda: TODAY)
    open_account(log, "main", None, shipped(), "seller")
    yield log
    log.close()


@pytest.fixture
def lines(tmp_path: Path) -> list[Filled]:
    """What is tried: an order, a picture, a term of the whole account."""
    picture = tmp_path / "scratch.jpg"
    picture.write_bytes(b"a picture")
    told: list[dict[str, Any]] = [
        {
            "command": "order tell",
            "order": ORDER,
            "sku": "MUG",
            "price": "50 EUR",
            "marketplace": "DE",
        },
        {"command": "return receive", "order": ORDER},
        {
            "command": "return grade",
            "order": ORDER,
            "condition": "used",
            "evidence": [str(picture)],
        },
        {"command": "terms returns", "window_days": 40},
    ]
    text = "".join(f"{json.dumps({**line, 'id': str(n)})}\n" for n, line in enumerate(told))
    read = list(lines_of(text, "batch"))
    assert all(isinstance(line, Filled) for line in read), read
    return [line for line in read if isinstance(line, Filled)]


def recorded(log: Log, lines: list[Filled]) -> None:
    for line in lines:
        sending = Sending(
            actor="seller",
            command=line.command,
            command_id=line.values["id"],
            at=None,
            now="2026-11-20T12:00:00Z",
        )
        record(log, line.form, line.values, sending, dry_run=False)


def timeless(entries: list[Entry]) -> list[Entry]:
    """The entries without the moment of recording, which passes while they are tried."""
    return [msgspec.structs.replace(entry, recorded_at=None) for entry in entries]


def test_what_is_tried_is_told_as_if_it_were_recorded(log: Log, lines: list[Filled]) -> None:
    rehearsal = Rehearsal(log)
    recorded(rehearsal, lines)
    tried = (
        timeless(list(rehearsal.entries())),
        {stream: timeless(told) for stream, told in rehearsal.streams(STREAMS).items()},
        rehearsal.heads(STREAMS),
        rehearsal.position(),
        timeless(list(rehearsal.entries(order_stream(ORDER), after=4))),
        timeless(list(rehearsal.entries(topics=[EvidenceAttached.TOPIC]))),
    )
    recorded(log, lines)

    assert tried == (
        timeless(list(log.entries())),
        {stream: timeless(told) for stream, told in log.streams(STREAMS).items()},
        log.heads(STREAMS),
        log.position(),
        timeless(list(log.entries(order_stream(ORDER), after=4))),
        timeless(list(log.entries(topics=[EvidenceAttached.TOPIC]))),
    )


def test_nothing_of_it_is_kept(log: Log, lines: list[Filled]) -> None:
    before = (list(log.entries()), list(log.originals()))
    rehearsal = Rehearsal(log)
    recorded(rehearsal, lines)
    digest = hashlib.sha256(b"a picture").hexdigest()

    assert rehearsal.original(digest) == b"a picture"
    assert rehearsal.has_original(digest)
    assert not log.has_original(digest)
    assert (list(log.entries()), list(log.originals())) == before


def test_a_rehearsal_within_a_rehearsal_keeps_nothing_of_the_inner_one(
    log: Log, lines: list[Filled]
) -> None:
    outer = Rehearsal(log)
    recorded(outer, lines[:1])
    inner = Rehearsal(outer)
    recorded(inner, lines[1:])

    assert inner.position() > outer.position() == log.position() + 1
    assert [entry.stream for entry in outer.streams(STREAMS)[order_stream(ORDER)]] == [
        order_stream(ORDER)
    ]


def test_what_it_does_not_know_it_does_not_answer(log: Log) -> None:
    with pytest.raises(AttributeError):
        list(Rehearsal(log).cases())
