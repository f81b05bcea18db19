"""Whatever moment an import is killed at: what was acknowledged is there, and the rest is whole or not at all."""

from __future__ import annotations

import logging
import os
import random
import signal
from collections import Counter, defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from time import monotonic, sleep
from typing import Final

import msgspec
import psycopg
import pytest

from ledger.event import ACCOUNT_STREAM
from ledger.importing import imports_of
from tests.durability.files import FILES, opened
from tests.durability.holding import Undisturbed, check_sound, complete, files_found, undisturbed
from tests.durability.importer import DISCONNECT, KILL, Attempt, Outcome, importers

KILLS: Final = int(os.environ.get("RETURNS_LEDGER_KILLS", "12"))
"""How often an importer is killed on each database."""
PATIENCE_SECONDS: Final = 30

LOGGER = logging.getLogger(__name__)


# --- when they are killed ---------------------------------------------------------------------


def attempt_to(end: str, url: str, number: int, whole: Outcome) -> Attempt:
    """Every other one is ended at any moment of the import, the others while a transaction is written.

    Seconds are shares of what was measured undisturbed, so that the moments are spread over any machine's import.
    """
    at = {line: seconds for seconds, line in whole.said}
    chance = random.Random(f"{end} {number}")
    after, seconds = "", chance.uniform(0, whole.said[-1][0])
    if number % 2:
        name = chance.choice(FILES).name
        after = f"compared {name}"
        seconds = chance.uniform(0, at[f"acknowledged {name}"] - at[after])
    account = f"{end}-{number}"
    url = url.replace("ACCOUNT", account)
    return Attempt(url=url, account=account, how=end, after=after, seconds=seconds)


# --- what then holds --------------------------------------------------------------------------


def check_after(attempt: Attempt, outcome: Outcome, expected: Undisturbed) -> int:
    """Nothing acknowledged is lost, nothing is there in part, and importing again completes it."""
    acknowledged = [file.name for file in FILES][: len(outcome.acknowledged)]
    log = opened(attempt.url, attempt.account)
    try:
        found = files_found(log, expected)

        assert acknowledged == outcome.acknowledged
        assert found - len(acknowledged) in (0, 1), "only the file in hand may be there unsaid"
        complete(log, expected)
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
    """Import into one log after the other until so many were ended, and look at what is left of each."""
    expected = undisturbed(url.replace("ACCOUNT", "undisturbed"))
    ended: list[tuple[Outcome, int]] = []
    with importers() as attempted:
        whole = attempted(Attempt(url=url.replace("ACCOUNT", "calm"), account="calm"))
        assert whole.status == 0
        for number in range(times * 4):
            attempt = attempt_to(how, url, number, whole)
            outcome = attempted(attempt)
            alone_on(attempt.url)
            found = check_after(attempt, outcome, expected)
            if outcome.struck is None or (how, outcome.status) == (
                KILL,
                0,
            ):  # done before its moment: the machine is quicker by now
                whole = outcome
            else:
                ended.append((outcome, found))
            if len(ended) == times:
                break
    told(database, ended)
    assert times == len(ended)
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
    """Its moment may come while it closes the log, when it has nothing left to do."""
    outcomes = ended_by_force(any_url.partition(":")[0], any_url, KILL, KILLS)

    assert {-signal.SIGKILL} == {outcome.status for outcome in outcomes}


@pytest.mark.postgres
def test_a_server_that_ends_the_connection_leaves_no_part_of_a_file(server_url: str) -> None:
    """The importer says that it failed, or goes on with a new connection where nothing was lost."""
    outcomes = ended_by_force("postgresql, disconnected", server_url, DISCONNECT, KILLS // 4)

    assert {outcome.status for outcome in outcomes} <= {0, 1}


def test_a_killed_importer_leaves_no_lock_behind(any_url: str) -> None:
    """Two import the same files into one log at once; one is killed, and the other goes on to the end."""
    expected = undisturbed(any_url.replace("ACCOUNT", "undisturbed"))
    with importers() as one, importers() as other, ThreadPoolExecutor(2) as pool:
        for number in range(max(KILLS // 6, 1)):
            account = f"both-{number}"
            calm = Attempt(url=any_url.replace("ACCOUNT", account), account=account)
            seconds = random.Random(f"both {number}").uniform(0.05, 0.5)
            killed = msgspec.structs.replace(calm, how=KILL, seconds=seconds)
            living = pool.submit(one, calm)
            pool.submit(other, killed).result()

            assert living.result().status == 0
            assert [file.name for file in FILES] == living.result().acknowledged
            log = opened(calm.url, account)
            check_sound(log)
            assert cases(expected.lines) == cases(log.raw_lines())
            assert {sha256(file.data).hexdigest() for file in FILES} == {
                one.digest for one in imports_of(log)
            }
            assert expected.originals[-1] == tuple(log.originals())
            log.close()


def cases(lines: Iterable[bytes]) -> dict[str, list[tuple[int, str, object]]]:
    """What is said of each order and each product, in its order."""
    found: defaultdict[str, list[tuple[int, str, object]]] = defaultdict(list)
    for line in map(msgspec.json.decode, lines):
        if line["stream"] != ACCOUNT_STREAM:
            found[line["stream"]].append((line["version"], line["topic"], line["body"]))
    return found
