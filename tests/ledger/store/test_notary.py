"""The notary signs what the log is, and finds every log that is no continuation of it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import LedgerError, StoreTrouble
from ledger.event import ACCOUNT_STREAM, Entry, Source
from ledger.events import BY_TOPIC
from ledger.events.account import LossAccepted, SigningKeyReplaced
from ledger.events.keeping import NoteAdded
from ledger.keystore import KeyStore
from ledger.store import CheckpointStore, Log, Notary, open_log
from ledger.store.notes import VerifierKey, new_signer, text_of
from tests.ledger.store.invented import START, ticking


@contextmanager
def opened(place: Path) -> Iterator[tuple[Log, Notary]]:
    """A log with its keys and its checkpoints, in folders of their own."""
    url = f"sqlite:///{place}/accounts/main/ledger.db"
    keys = KeyStore(place / "keys.db", master=lambda: b"m" * 32, clock=lambda: START)
    memory = CheckpointStore(place / "memory" / "checkpoints.db")
    with open_log(url, "main", event_types=BY_TOPIC, clock=ticking()) as log, keys:
        yield log, Notary(keys, memory, log.now, "seller")


def noted(log: Log, count: int, text: str = "note") -> None:
    """Add notes to an order."""
    version = log.heads(["order/1"])["order/1"]
    log.append(
        [
            Entry(
                stream="order/1",
                version=version + number,
                event=NoteAdded(text=f"{text} {version + number}"),
                occurred_at="2026-11-01",
                actor="seller",
                source=Source(command="note"),
            )
            for number in range(1, count + 1)
        ]
    )


def saved(place: Path) -> Callable[[], None]:
    """Keep a copy of the log, and put it back when asked."""
    folder, copy = place / "accounts", place / "copy"
    shutil.copytree(folder, copy)

    def back() -> None:
        shutil.rmtree(folder)
        shutil.copytree(copy, folder)

    return back


def problems(log: Log, notary: Notary) -> dict[str, list[str]]:
    return {check.name: check.problems for check in notary.checks(log)}


def test_a_checkpoint_is_signed_by_the_key_that_the_log_is_named_after(tmp_path: Path) -> None:
    with opened(tmp_path) as (log, notary):
        noted(log, 3)
        made = notary.checkpoint(log)
        key = VerifierKey.read(notary.vkeys()[0])

        assert made.text == text_of(made.note, [key])
        assert (3, log.tree().root) == (made.size, made.root)
        assert made.origin == notary.origin == key.name
        assert {"checkpoints": [], "keys": []} == problems(log, notary)


def test_where_nothing_was_added_nothing_is_signed_again(tmp_path: Path) -> None:
    with opened(tmp_path) as (log, notary):
        noted(log, 3)
        first = notary.checkpoint(log)

        assert first == notary.checkpoint(log)
        assert 1 == len(notary.memory.all())
        noted(log, 1)
        assert first != notary.checkpoint(log)
        assert [3, 4] == [one.checkpoint.size for one in notary.memory.all()]


def test_the_keys_are_there_again_later(tmp_path: Path) -> None:
    with opened(tmp_path) as (log, notary):
        noted(log, 3)
        first = notary.checkpoint(log)
    with opened(tmp_path) as (log, notary):
        assert first == notary.checkpoint(log)
        assert first == notary.at(log, 3)
        assert first != notary.at(log, 2)


def test_a_log_that_was_restored_from_a_backup_is_found(tmp_path: Path) -> None:
    with opened(tmp_path) as (log, notary):
        noted(log, 3)
        notary.checkpoint(log)
    back = saved(tmp_path)
    with opened(tmp_path) as (log, notary):
        noted(log, 2)
        notary.checkpoint(log)
    back()
    with opened(tmp_path) as (log, notary):
        with pytest.raises(StoreTrouble, match=r"ends at entry 3.*5 entries were signed.*entry 3"):
            notary.refuse_fork(log)
        assert 1 == len(problems(log, notary)["checkpoints"])


def test_a_log_that_took_another_way_since_is_found(tmp_path: Path) -> None:
    with opened(tmp_path) as (log, notary):
        noted(log, 3)
        notary.checkpoint(log)
    back = saved(tmp_path)
    with opened(tmp_path) as (log, notary):
        noted(log, 1)
        notary.checkpoint(log)
        noted(log, 1)
        notary.checkpoint(log)
    back()
    with opened(tmp_path) as (log, notary):
        noted(log, 7, "another")
        with pytest.raises(StoreTrouble, match=r"entries were changed.*up to entry 3"):
            notary.checkpoint(log)
        assert 2 == len(problems(log, notary)["checkpoints"])


def test_a_loss_is_accepted_in_the_open(tmp_path: Path) -> None:
    with opened(tmp_path) as (log, notary):
        noted(log, 3)
        notary.checkpoint(log)
    back = saved(tmp_path)
    with opened(tmp_path) as (log, notary):
        noted(log, 2)
        lost = notary.checkpoint(log)
    back()
    with opened(tmp_path) as (log, notary):
        entry = notary.accept_loss(log, why="the disk is gone")
        noted(log, 4)
        notary.checkpoint(log)

        event = entry.event
        assert isinstance(event, LossAccepted)
        assert (5, lost.root.hex(), 3) == (event.size, event.root, event.agrees)
        assert {"checkpoints": [], "keys": []} == problems(log, notary)
        assert [3, 5, 4, 8] == [one.checkpoint.size for one in notary.memory.all()]


def test_no_loss_is_accepted_where_nothing_is_lost(tmp_path: Path) -> None:
    with opened(tmp_path) as (log, notary):
        noted(log, 3)
        notary.checkpoint(log)
        with pytest.raises(LedgerError, match="nothing is lost"):
            notary.accept_loss(log, why="fear")


def test_the_old_key_vouches_for_the_new_one(tmp_path: Path) -> None:
    with opened(tmp_path) as (log, notary):
        noted(log, 3)
        old = notary.checkpoint(log)
        entry = notary.rotate(log, why="the laptop was sold")
        new = notary.checkpoint(log)

        before, after = map(VerifierKey.read, notary.vkeys())
        event = entry.event
        assert isinstance(event, SigningKeyReplaced)
        assert (str(before), str(after)) == (event.old, event.new)
        told = text_of(event.endorsement or "", [before])
        assert f"returns-ledger.key/1\n{notary.origin}\n{after}\n" == told
        assert old.text == text_of(old.note, [before])
        assert new.text == text_of(new.note, [after])
        assert new.origin == old.origin
        assert {"checkpoints": [], "keys": []} == problems(log, notary)


def test_the_key_of_then_signs_what_was_then(tmp_path: Path) -> None:
    with opened(tmp_path) as (log, notary):
        noted(log, 3)
        notary.rotate(log, why="the laptop was sold")
        before, after = map(VerifierKey.read, notary.vkeys())

        assert [str(before)] == notary.keys_at(log, 3)
        assert [str(before), str(after)] == notary.keys_at(log, 4)
        assert notary.at(log, 3).text == text_of(notary.at(log, 3).note, [before])
        assert notary.at(log, 4).text == text_of(notary.at(log, 4).note, [after])


def test_nobody_vouches_for_a_key_whose_predecessor_is_lost(tmp_path: Path) -> None:
    with opened(tmp_path) as (log, notary):
        noted(log, 1)
        event = notary.rotate(log, why="the key is lost", lost=True).event

        assert isinstance(event, SigningKeyReplaced)
        assert event.endorsement is None
        assert {"checkpoints": [], "keys": []} == problems(log, notary)


def test_a_rotation_that_was_interrupted_is_finished(tmp_path: Path) -> None:
    """The key was kept and the log does not say so yet."""
    with opened(tmp_path) as (log, notary):
        noted(log, 1)
        notary.rotate(log, why="the laptop was sold")
        vkeys = notary.vkeys()
    (tmp_path / "accounts" / "main" / "ledger.db").unlink()
    with opened(tmp_path) as (log, notary):
        noted(log, 1)
        assert problems(log, notary)["keys"] == [
            f"the log does not say that {vkeys[1]} replaced {vkeys[0]}"
        ]
        notary.rotate(log, why="the laptop was sold")

        assert vkeys == notary.vkeys()
        assert [] == problems(log, notary)["keys"]
        assert 1 == len(list(log.entries(ACCOUNT_STREAM, topics=[SigningKeyReplaced.TOPIC])))


def test_a_key_signs_nothing_before_the_log_says_that_it_does(tmp_path: Path) -> None:
    """Who was stopped in the middle of a rotation goes on, and is believed."""
    with opened(tmp_path) as (log, notary):
        noted(log, 3)
        first = VerifierKey.read(notary.vkeys()[0])
        made = new_signer(notary.origin)
        notary._keys.add_signing_key(notary.origin, str(made.key), made.secret, log.now())
        noted(log, 1)
        signed = notary.checkpoint(log)

        assert signed.text == text_of(signed.note, [first])
        assert [str(first)] == notary.keys_at(log, 4)
        notary.rotate(log, why="the laptop was sold")
        signed = notary.checkpoint(log)
        assert signed.text == text_of(signed.note, [made.key])
        assert {"checkpoints": [], "keys": []} == problems(log, notary)


def test_two_who_rotate_at_once_leave_one_key_behind_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else two keys would follow the same one, and no pack of the log could be verified any more."""
    with opened(tmp_path) as (log, notary):
        noted(log, 3)
        notary.checkpoint(log)
        add = notary._keys.add_signing_key

        def meanwhile(*told: Any, **more: Any) -> bool:
            monkeypatch.undo()
            with opened(tmp_path) as (other, second):
                second.rotate(other, why="the same thought elsewhere")
            return add(*told, **more)

        monkeypatch.setattr(notary._keys, "add_signing_key", meanwhile)
        with pytest.raises(LedgerError):
            notary.rotate(log, why="the laptop was sold")
        assert 2 == len(notary.keys_at(log, log.position()))
        notary.checkpoint(log)

        notary.rotate(log, why="the laptop was sold")
        assert notary.vkeys() == notary.keys_at(log, log.position())
        assert {"checkpoints": [], "keys": []} == problems(log, notary)


def test_a_log_under_another_name_has_no_keys_of_its_former_one(tmp_path: Path) -> None:
    """A log that was restored without its keys tells of theirs, and they sign nothing here."""
    with opened(tmp_path) as (log, notary):
        noted(log, 1)
        notary.rotate(log, why="the laptop was sold")
    (tmp_path / "keys.db").unlink()
    with opened(tmp_path) as (log, notary):
        noted(log, 1)
        notary.rotate(log, why="the laptop was sold again")
        first, second = notary.vkeys()

        assert [first] == notary.keys_at(log, 3)
        assert [first, second] == notary.keys_at(log, 4)
        assert notary.at(log, 3).text == text_of(notary.at(log, 3).note, [VerifierKey.read(first)])
        assert {"checkpoints": [], "keys": []} == problems(log, notary)


def test_a_checkpoint_that_somebody_changed_is_found(tmp_path: Path) -> None:
    with opened(tmp_path) as (log, notary):
        noted(log, 3)
        notary.checkpoint(log)
        with closing(sqlite3.connect(notary.memory.path)) as file, file:
            file.execute("DROP TRIGGER checkpoints_refuse_update")
            file.execute("UPDATE checkpoints SET note = replace(note, char(10) || '3', '4')")

        (found,) = problems(log, notary)["checkpoints"]
        assert "not of this text" in found


def test_an_entry_that_was_changed_with_its_hash_and_tree_is_found(tmp_path: Path) -> None:
    """Whoever can write the file can make it agree with itself, and not with what was signed."""
    with opened(tmp_path) as (log, notary):
        noted(log, 3)
        notary.checkpoint(log)
        lines = list(log.raw_lines())
    (tmp_path / "accounts" / "main" / "ledger.db").unlink()
    lines[1] = lines[1].replace(b"note 2", b"note X")
    with opened(tmp_path) as (log, notary):
        from ledger.store import leaf_hash, root

        log.adopt(lines, [], size=3, root=root(map(leaf_hash, lines)))
        assert all(check.ok for check in log.verify())
        with pytest.raises(StoreTrouble, match="entries were changed"):
            notary.refuse_fork(log)
