"""Whatever moment an import is killed at: what was acknowledged is there, and the rest is whole or not at all."""

from __future__ import annotations

import logging
import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from time import monotonic, sleep
from typing import Final

import msgspec
import psycopg
import pytest

from ledger.store import Log
from tests.durability.files import FILES, import_all, opened
from tests.durability.importer import DISCONNECT, KILL, Attempt, Outcome, importers

KILLS: Final = int(os.environ.get("RETURNS_LEDGER_KILLS", "12"))
"""How often an importer is killed on each database."""
PATIENCE_SECONDS: Final = 30

LOGGER = logging.getLogger(__name__)


class Undisturbed(msgspec.Struct, frozen=True):
    """The log of an import that nobody killed, and what it holds after each step."""

    lines: tuple[bytes, ...]
    root: bytes
    originals: tuple[tuple[str, ...], ...]
    """The SHA-256 of what is kept: before the account is opened, then, and after each file."""
    ends: tuple[int, ...]
    """The last position after the same steps."""


def undisturbed(url: str) -> Undisturbed:
    log = opened(url, "undisturbed")
    ends, originals = [0], [tuple(log.originals())]

    def step(line: str) -> None:
        if line.startswith(("opened", "acknowledged")):
            ends.append(log.position())
            originals.append(tuple(log.originals()))

    import_all(log, step)
    found = Undisturbed(tuple(log.raw_lines()), log.tree().root, tuple(originals), tuple(ends))
    log.close()
    return found


# --- when they are killed ---------------------------------------------------------------------


def attempts(url: str, how: str, times: int, whole: Outcome) -> Iterator[Attempt]:
    """Every other one at any moment of the import, the others while a transaction is written.

    Seconds are shares of what was measured undisturbed, so that the moments are spread over any machine's import.
    """
    at = {line: seconds for seconds, line in whole.said}
    for number in range(times):
        chance = random.Random(f"{how} {number}")
        after, seconds = "", chance.uniform(0, whole.said[-1][0])
        if number % 2:
            name = chance.choice(FILES).name
            after = f"compared {name}"
            seconds = chance.uniform(0, at[f"acknowledged {name}"] - at[after])
        account = f"{how}-{number}"
        yield Attempt(
            url=url.replace("ACCOUNT", account),
            account=account,
            how=how,
            after=after,
            seconds=seconds,
        )


# --- what then holds --------------------------------------------------------------------------


def problems(log: Log) -> list[str]:
    return [f"{check.name}: {check.problems}" for check in log.verify() if not check.ok]


def files_found(log: Log, expected: Undisturbed) -> int:
    """How many files the log holds, each of them whole; there is nothing else in it."""
    lines = tuple(log.raw_lines())

    assert problems(log) == []
    assert expected.lines[: len(lines)] == lines
    assert len(lines) in expected.ends, "a part of a file"
    steps = expected.ends.index(len(lines))
    assert expected.originals[steps] == tuple(log.originals())
    files = max(steps - 1, 0)
    for file in FILES[:files]:
        assert file.data == log.original(sha256(file.data).hexdigest())
    return files


def check_after(attempt: Attempt, outcome: Outcome, expected: Undisturbed) -> int:
    """Nothing acknowledged is lost, nothing is there in part, and importing again completes it."""
    acknowledged = [file.name for file in FILES][: len(outcome.acknowledged)]
    log = opened(attempt.url, attempt.account)
    try:
        found = files_found(log, expected)

        assert acknowledged == outcome.acknowledged
        assert found - len(acknowledged) in (0, 1), "only the file in hand may be there unsaid"
        import_all(log)
        assert expected.lines == tuple(log.raw_lines())
        assert expected.root == log.tree().root
        assert expected.originals[-1] == tuple(log.originals())
    finally:
        log.close()
    return found


def told(database: str, ended: list[tuple[Outcome, int]]) -> None:
    """The figures, for whoever asks with --log-cli-level=info."""
    doing = Counter(outcome.doing for outcome, _found in ended)
    after = Counter(len(outcome.acknowledged) for outcome, _found in ended)
    unsaid = sum(found > len(outcome.acknowledged) for outcome, found in ended)
    LOGGER.info("%s: %d importers ended, while", database, len(ended))
    for what, times in doing.most_common():
        LOGGER.info("  %s: %d", what, times)
    LOGGER.info("  after so many acknowledged files: %s", dict(sorted(after.items())))
    LOGGER.info("  with a file there of which nothing had been said: %d", unsaid)


# --- the tests --------------------------------------------------------------------------------


def ended_by_force(database: str, url: str, how: str, times: int) -> list[Outcome]:
    """Import as often as asked, each time into a log of its own, and look at what is left of it."""
    expected = undisturbed(url.replace("ACCOUNT", "undisturbed"))
    ended = []
    with importers() as attempted:
        calm = Attempt(url=url.replace("ACCOUNT", "calm"), account="calm")
        whole = attempted(calm)
        assert whole.status == 0
        assert len(FILES) == check_after(calm, whole, expected)
        for attempt in attempts(url, how, times, whole):
            outcome = attempted(attempt)
            alone_on(attempt.url)
            ended.append((outcome, check_after(attempt, outcome, expected)))
    told(database, ended)
    return [outcome for outcome, _found in ended]


def alone_on(url: str) -> None:
    """A server hears of the end of its client a moment later, and may still finish what it was told."""
    if url.startswith("sqlite"):
        return
    others = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    last = monotonic() + PATIENCE_SECONDS
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(others).fetchone() != (0,):
            assert monotonic() < last, "the killed importer is still connected"
            sleep(0.002)


@pytest.fixture
def any_url(store_url: str) -> str:
    """An address for many logs: on a server one for all, or else a file each."""
    return store_url.replace("/main/", "/ACCOUNT/")


def test_a_killed_import_leaves_what_it_acknowledged_and_no_part_of_a_file(any_url: str) -> None:
    """An importer that is done before its moment comes counts too, as one that was not killed."""
    database = any_url.partition(":")[0]
    outcomes = ended_by_force(database, any_url, KILL, KILLS)

    assert {outcome.status for outcome in outcomes} <= {0, -signal.SIGKILL}
    assert sum(outcome.status != 0 for outcome in outcomes) >= KILLS // 2


@pytest.mark.postgres
def test_a_server_that_ends_the_connection_leaves_no_part_of_a_file(server_url: str) -> None:
    """The importer says that it failed, or goes on with a new connection where nothing was lost."""
    outcomes = ended_by_force("postgresql, disconnected", server_url, DISCONNECT, KILLS // 2)

    assert {outcome.status for outcome in outcomes} <= {0, 1}
