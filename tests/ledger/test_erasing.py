"""What is personal is due thirty days after delivery, bridged by a hold, and gone for good once it is erased."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.erasing import erase, lying
from ledger.errors import Forgotten, LedgerError, UnknownThing
from ledger.event import Deed, Entry, Source, order_stream
from ledger.events.deliveries import OrderDelivered
from ledger.events.keeping import LegalHoldPlaced, LegalHoldReleased
from ledger.events.personal import PersonalErased
from ledger.importing import Statement, import_file
from ledger.keystore import KeyStore
from ledger.keystore.wrapping import unwrapped
from ledger.sealing import opener
from ledger.store import Log
from tests import forking
from tests.ledger.test_sealing import ORDER, OTHER, digest_of, plain, row
from tests.registries import ROOT
from tests.story import Story, begin

MASTER = bytes(range(32))
MOMENT = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORDS = "Erika Bergqvist of Elm Street"
OTHER_WORDS = "Another buyer's words"
SUBJECT, OTHER_SUBJECT = order_stream(ORDER), order_stream(OTHER)
DATA = plain(row(WORDS), row(OTHER_WORDS, OTHER)).encode()


def keystore(folder: Path) -> KeyStore:
    return KeyStore(folder / "keys.db", master=lambda: MASTER, clock=lambda: MOMENT)


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    with keystore(tmp_path / "home") as made:
        yield made


@pytest.fixture
def story(tmp_path: Path, keys: KeyStore) -> Iterator[Story]:
    (tmp_path / "home").mkdir()
    begun = begin(tmp_path / "home" / "ledger", checked=False)
    statement = Statement(actor="seller", command_id="c", marketplace="US", told_at="2026-06-10")
    import_file(begun.log, DATA, "june.txt", statement, keys=keys)
    yield begun
    begun.close()


def tell(log: Log, event: Deed, on: str, stream: str = SUBJECT) -> None:
    entry = Entry(
        stream=stream,
        version=log.heads([stream])[stream] + 1,
        event=event,
        occurred_at=on,
        actor="seller",
        source=Source(command="test"),
    )
    log.append([entry])


def erased(log: Log, keys: KeyStore, *subjects: str, dry_run: bool = False) -> list[Entry | None]:
    done = erase(
        log, keys, subjects, why="asked for", actor="seller", command_id="e", dry_run=dry_run
    )
    return [one.entry for one in done]


# --- when it is due ---------------------------------------------------------------------------


def test_it_is_counted_from_the_delivery_and_else_from_the_last_telling(
    story: Story, keys: KeyStore
) -> None:
    tell(story.log, OrderDelivered(order_id=ORDER), "2026-06-05")
    told = {one.subject: one for one in lying(story.log, keys)}

    assert ("delivered", "2026-07-05") == (told[SUBJECT].basis, str(told[SUBJECT].due_on))
    assert ("told", "2026-07-10") == (told[OTHER_SUBJECT].basis, str(told[OTHER_SUBJECT].due_on))
    assert {"customer-comments": 1} == told[SUBJECT].values
    assert (digest_of(DATA),) == told[SUBJECT].originals


def test_what_no_entry_tells_is_counted_from_the_day_its_key_was_made(
    story: Story, keys: KeyStore
) -> None:
    """A column that nobody knows lies in the file alone; it is not due on the day of its import."""
    header, told = plain(row("", "302-0000000-0000001")).splitlines()
    data = f"{header}\tgift-for\n{told}\tErika Bergqvist\n".encode()
    statement = Statement(actor="seller", command_id="c", marketplace="US", told_at="2026-07-19")
    import_file(story.log, data, "july.txt", statement, keys=keys)
    (one,) = lying(story.log, keys, ["order/302-0000000-0000001"])

    assert ("told", "2026-12-20") == (one.basis, str(one.due_on))


def test_a_hold_bridges_it_until_the_last_one_is_released(story: Story, keys: KeyStore) -> None:
    tell(story.log, LegalHoldPlaced(why="a court"), "2026-06-12")
    with pytest.raises(LedgerError, match="held: a court"):
        erased(story.log, keys, OTHER_SUBJECT, SUBJECT)

    assert not keys.destroyed([SUBJECT, OTHER_SUBJECT]), "all of them, or none"
    tell(story.log, LegalHoldReleased(why="it is over"), "2026-06-13")
    assert all(erased(story.log, keys, OTHER_SUBJECT, SUBJECT))


# --- erasing ----------------------------------------------------------------------------------


def test_an_erasure_says_what_and_why_and_holds_nothing_personal(
    story: Story, keys: KeyStore
) -> None:
    (entry,) = erased(story.log, keys, SUBJECT)

    assert entry is not None
    assert entry.stream == SUBJECT
    assert entry.event == PersonalErased(
        subject=SUBJECT,
        destroyed_at="2026-11-20T12:00:00Z",
        why="asked for",
        values={"customer-comments": 1},
        originals=(digest_of(DATA),),
    )
    assert [None] == erased(story.log, keys, SUBJECT), "again it does nothing"
    (one,) = lying(story.log, keys, [SUBJECT])
    assert one.is_complete
    assert [] == [problem for check in story.log.verify() for problem in check.problems]


def test_a_trial_changes_nothing(story: Story, keys: KeyStore) -> None:
    position = story.log.position()

    assert [None] == erased(story.log, keys, SUBJECT, dry_run=True)
    assert not keys.is_destroyed(SUBJECT)
    assert position == story.log.position()


def test_who_is_not_known_is_said_and_why_may_not_be_personal(story: Story, keys: KeyStore) -> None:
    with pytest.raises(UnknownThing):
        erased(story.log, keys, "order/302-0000000-0000000")
    with pytest.raises(LedgerError, match="most likely personal"):
        erase(story.log, keys, [SUBJECT], why="a@b.example asked", actor="s", command_id="e")


def test_where_the_key_was_destroyed_and_the_program_stopped_the_same_command_completes_it(
    story: Story, keys: KeyStore
) -> None:
    keys.destroy([SUBJECT])
    (one,) = lying(story.log, keys, [SUBJECT])
    assert not one.is_complete
    (entry,) = erased(story.log, keys, SUBJECT)

    assert entry is not None
    assert lying(story.log, keys, [SUBJECT])[0].is_complete


# --- nothing is left --------------------------------------------------------------------------


def everything(home: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of the home, raw; and whatever lies compressed in its databases, unpacked."""
    for file in sorted(home.rglob("*")):
        if not file.is_file():
            continue
        data = file.read_bytes()
        yield str(file), data
        if not data.startswith(b"SQLite format 3"):
            continue
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
            tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            for (table,) in tables.fetchall():
                for cells in connection.execute(f'SELECT * FROM "{table}"'):
                    for cell in cells:
                        if isinstance(cell, bytes):
                            with contextlib.suppress(zlib.error):
                                yield f"{file} {table}", zlib.decompress(cell)
        connection.close()


def secrets_of(home: Path, subject: str) -> list[bytes]:
    """A subject's key as it lies and as it is, in halves too."""
    with sqlite3.connect(home / "keys.db") as connection:
        asked = "SELECT wrapped FROM subjects JOIN data_keys USING (id) WHERE subject = ?"
        (lies,) = connection.execute(asked, (subject,)).fetchone()
    connection.close()
    (key,) = unwrapped(MASTER, [lies])
    return [lies[:20], lies[20:], key[:16], key[16:]]


def holding(home: Path, *needles: bytes) -> list[str]:
    return [name for name, data in everything(home) if any(one in data for one in needles)]


def test_after_an_erasure_neither_words_nor_key_are_in_any_file_of_the_home(
    story: Story, keys: KeyStore, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    words = [WORDS.encode(), WORDS.encode("utf-16-le"), b"Bergqvist"]
    gone, kept = secrets_of(home, SUBJECT), secrets_of(home, OTHER_SUBJECT)

    assert [] == holding(home, *words), "they never are in clear"
    assert holding(home, gone[0]), "the search finds what is there"
    erased(story.log, keys, SUBJECT)
    for after in ("at once", "with the write-ahead log written back"):
        if after != "at once":
            with sqlite3.connect(story.url.removeprefix("sqlite:///")) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
        assert [] == holding(home, *words, *gone), after
        assert holding(home, kept[0]), after


def test_of_a_report_the_others_can_still_be_opened(story: Story, keys: KeyStore) -> None:
    story.log.opens = opener(story.log, keys, "test")
    assert DATA == story.log.original(digest_of(DATA))
    erased(story.log, keys, SUBJECT)

    with pytest.raises(Forgotten, match="nobody has the delivered file any more"):
        story.log.original(digest_of(DATA))


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from ledger.erasing import erase
from ledger.events import BY_TOPIC
from ledger.keystore import KeyStore
from ledger.store import open_log

home, step, url = Path(sys.argv[1]), sys.argv[2], sys.argv[4]

class Stopping:
    def __init__(self, real): self.real = real
    def __getattr__(self, name):
        if name == step: os.kill(os.getpid(), signal.SIGKILL)
        return getattr(self.real, name)

log = open_log(url, "seller", event_types=BY_TOPIC, clock=lambda: datetime.now(UTC))
keys = KeyStore(home / "keys.db", master=lambda: bytes(range(32)), clock=lambda: datetime.now(UTC))
erase(Stopping(log), Stopping(keys), [sys.argv[3]], why="asked for", actor="seller", command_id="k")
"""


@pytest.mark.parametrize("step", ["destroy", "heads", "append"])
def test_killed_at_any_step_no_erasure_is_claimed_while_the_key_lives(
    story: Story, keys: KeyStore, tmp_path: Path, step: str
) -> None:
    home = tmp_path / "home"
    secrets = secrets_of(home, SUBJECT)
    ended = subprocess.run(
        [*forking.python(), "-c", KILLED, str(home), step, SUBJECT, story.url],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    (one,) = lying(story.log, keys, [SUBJECT])

    assert ended.returncode == -signal.SIGKILL
    assert not one.erasures
    assert (one.destroyed_at is not None) == (step != "destroy")
    erased(story.log, keys, SUBJECT)
    assert lying(story.log, keys, [SUBJECT])[0].is_complete
    assert [] == holding(home, *secrets)
