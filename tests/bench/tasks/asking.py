"""Questions about one order of a large log, and catching up after some of its cases changed."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final

from ledger.importing import Statement, import_file
from ledger.judging import judge
from ledger.nearby import near
from ledger.recall import Recall
from ledger.store import Log
from projections.asking import book_of, excerpted
from projections.catching_up import catch_up
from projections.links import Links
from projections.views import open_views
from tests.bench.making import HEADER
from tests.bench.tasks.opening import only_log, seconds_of

DAY: Final = date(2026, 11, 20)
MIDDLE: Final = 0.5


def read_story(url: str, account: str, orders: int) -> dict[str, Any]:
    """All entries of one order, for so many orders picked by chance."""
    with only_log(url, account) as log:
        streams = _some(log, orders)
        return _each(streams, lambda stream: list(log.entries(stream)))


def audit_one(url: str, account: str, orders: int) -> dict[str, Any]:
    """The judgement of one order, the book of what cases need of each other being there since the start."""
    with only_log(url, account) as log, closing(open_views(url, account)) as views:
        recall = Recall(log, DAY)
        begun = time.perf_counter()
        book = book_of(recall, views)
        opened = time.perf_counter() - begun
        streams = _some(log, orders)
        judge(recall.case(streams[0]), book, DAY)
        told = _each(streams, lambda stream: judge(recall.case(stream), book, DAY))
        return {**told, "opened": opened}


def audit_alone(url: str, account: str, orders: int) -> dict[str, Any]:
    """The judgement of one order with a book of those cases only that it can depend on, each looked up."""
    with only_log(url, account) as log, closing(open_views(url, account)) as views:
        linked, recall = Links(log, views), Recall(log, DAY)
        kept = excerpted(recall, views)

        def judged(stream: str) -> None:
            case = recall.case(stream)
            judge(case, near(recall, case, linked, kept).book, DAY)

        streams = _some(log, orders)
        judged(streams[0])
        return _each(streams, judged)


def _some(log: Log, orders: int) -> list[str]:
    names = [name for name in log.changed_streams(0) if name.startswith("order/")]
    return random.Random(7).sample(names, min(orders, len(names)))


def _each(streams: list[str], work: Callable[[str], object]) -> dict[str, Any]:
    times = sorted(seconds_of(partial(work, stream)) for stream in streams)
    return {
        "seconds": sum(times),
        "count": len(times),
        "median": times[len(times) // 2],
        "slowest_of_100": times[len(times) * 99 // 100],
    }


def grown_by(url: str, account: str, share: float, file: str, seed: int) -> dict[str, Any]:
    """Another returns report, which tells news of this share of all cases."""
    with only_log(url, account) as log:
        names = log.changed_streams(0)
        orders = [name for name in names if name.startswith("order/")]
        changed = random.Random(seed).sample(orders, max(1, int(len(names) * share)))
        Path(file).write_bytes(b"".join(_returned(changed, seed)))
        statement = Statement(actor="bench", command_id="bench", marketplace="US")
        seconds = seconds_of(lambda: import_file(log, Path(file), Path(file).name, statement))
        return {"seconds": seconds, "count": len(changed)}


def _returned(streams: list[str], seed: int) -> Iterator[bytes]:
    yield ("\t".join(HEADER) + "\r\n").encode()
    for number, stream in enumerate(streams):
        cells = (
            f"2026-11-17T{number % 24:02}:{number // 24 % 60:02}:00+00:00",
            stream.removeprefix("order/"),
            f"SKU-{number % 500:04}",
            f"B0{number % 500:08}",
            f"X00{number % 500:07}",
            "Invented thing",
            "1",
            "LEX1",
            "SELLABLE",
            "UNWANTED_ITEM",
            "Unit returned to inventory",
            f"LPNGR{seed:03}{number:09}",
            "",
        )
        yield ("\t".join(cells) + "\r\n").encode()


def catch_up_some(url: str, account: str, cases: int) -> dict[str, Any]:
    """The live views brought to the log's end."""
    with only_log(url, account) as log, closing(open_views(url, account)) as views:
        seconds = seconds_of(lambda: catch_up(Recall(log, DAY), views))
        return {"seconds": seconds, "count": cases}
