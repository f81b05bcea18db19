"""A pack proves what is in it: by its manifest, its checkpoint, and a path for every entry and row."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from hashlib import sha256
from operator import methodcaller
from pathlib import Path
from typing import Any

import pytest

from cli.packs import Pack
from ledger.errors import LedgerError
from ledger.event import ACCOUNT_STREAM, Entry, Source
from ledger.events.account import AccountOpened
from ledger.events.imports import ReportImported
from ledger.importing import imports_of
from ledger.store import Log, Notary, leaf_hash, lines_of, node_hash, root
from ledger.store.notes import VerifierKey, text_of
from ledger.verify import verify_pack
from tests.cli.packs.conftest import files_in, lines_in

ORDER = "order/114-0000000-0000000"


def made(
    log: Log,
    notary: Notary,
    output: Path,
    fill: Callable[[Pack], object],
    **more: Any,
) -> dict[str, bytes]:
    with Pack(
        kind="export", log=log, notary=notary, question={"of": "test"}, output=output, **more
    ) as pack:
        fill(pack)
    return files_in(output)


def everything(pack: Pack) -> None:
    pack.entries()
    pack.every_original()


def climbed(leaf: bytes, index: int, size: int, hashes: list[str]) -> bytes:
    """The root to which an audit path leads (RFC 9162, section 2.1.3.2)."""
    number, last, reached = index, size - 1, leaf
    for one in map(base64.b64decode, hashes):
        if number % 2 or number == last:
            reached = node_hash(one, reached)
            while not number % 2 and number:
                number, last = number >> 1, last >> 1
        else:
            reached = node_hash(reached, one)
        number, last = number >> 1, last >> 1
    assert last == 0
    return reached


def an_import(log: Log) -> ReportImported:
    return next(told for told in imports_of(log) if told.rows > 10)


def more(log: Log) -> None:
    version = log.heads([ACCOUNT_STREAM])[ACCOUNT_STREAM]
    log.append(
        [
            Entry(
                stream=ACCOUNT_STREAM,
                version=version + 1,
                event=AccountOpened(name="again"),
                occurred_at="2027-01-01T00:00:00Z",
                actor="seller",
                source=Source(command="test"),
            )
        ]
    )


def test_the_manifest_tells_every_other_file_and_is_signed(
    log: Log, notary: Notary, tmp_path: Path
) -> None:
    files = made(log, notary, tmp_path / "pack.zip", everything)
    manifest = json.loads(files["manifest.json"])

    assert manifest["files"] == [
        {"path": path, "bytes": len(data), "sha256": sha256(data).hexdigest()}
        for path, data in sorted(files.items())
        if path not in ("manifest.json", "manifest.note")
    ]
    assert (manifest["kind"], manifest["account"], manifest["complete"]) == ("export", "demo", True)
    assert manifest["question"] == {"of": "test"}
    keys = [VerifierKey.read(key) for key in files["keys.txt"].decode().splitlines()]
    assert (
        "returns-ledger.manifest/1\n"
        f"{notary.origin}\n"
        f"{sha256(files['manifest.json']).hexdigest()}\n"
    ) == text_of(files["manifest.note"].decode(), keys)
    assert f"{notary.origin}\n{log.position()}\n{manifest['log']['root']}\n" == text_of(
        files["checkpoint"].decode(), keys
    )


def test_every_entry_makes_the_tree_that_was_signed(
    log: Log, notary: Notary, tmp_path: Path
) -> None:
    files = made(log, notary, tmp_path / "pack", everything)
    manifest = json.loads(files["manifest.json"])
    lines = files["entries.ndjson"].splitlines()

    assert list(log.raw_lines()) == lines
    assert manifest["counts"]["entries"] == len(lines)
    assert base64.b64decode(manifest["log"]["root"]) == root(map(leaf_hash, lines))
    assert "proofs.ndjson" not in files


def test_some_entries_come_with_a_path_to_the_root_each(
    log: Log, notary: Notary, tmp_path: Path
) -> None:
    positions = [3, 700, 701, log.position(), 3]
    files = made(log, notary, tmp_path / "pack", lambda pack: pack.entries(positions))
    manifest = json.loads(files["manifest.json"])
    lines, proofs = files["entries.ndjson"].splitlines(), lines_in(files["proofs.ndjson"])

    assert [3, 700, 701, log.position()] == [proof["position"] for proof in proofs]
    assert [3, 700, 701, log.position()] == [json.loads(line)["position"] for line in lines]
    assert not manifest["complete"]
    for line, proof in zip(lines, proofs, strict=True):
        reached = climbed(leaf_hash(line), proof["position"] - 1, log.position(), proof["hashes"])
        assert manifest["log"]["root"] == base64.b64encode(reached).decode()


def test_whoever_gets_any_entry_is_told_of_what_was_lost(
    log: Log, notary: Notary, tmp_path: Path
) -> None:
    more(log)
    signed = notary.checkpoint(log)
    lost = signed._replace(size=signed.size + 5, root=bytes(32))
    assert notary.memory.put(lost, behind=notary.memory.last(), made_at="2027-01-01T00:00:00Z")
    entry = notary.accept_loss(log, why="the disk is gone")
    made(log, notary, tmp_path / "pack", lambda pack: pack.entries([3]))

    assert any(
        one.startswith(f"what was lost: entry {entry.position} ")
        for one in verify_pack(tmp_path / "pack").unchecked
    )


def test_whoever_gets_a_file_gets_the_entries_that_name_it(
    log: Log, notary: Notary, tmp_path: Path
) -> None:
    told = an_import(log)
    files = made(log, notary, tmp_path / "pack", lambda pack: pack.original(told.digest))
    named = [json.loads(line)["body"]["event"] for line in files["entries.ndjson"].splitlines()]

    assert log.kept(told.digest) == files[f"originals/{told.digest}"]
    assert told.digest in [event.get("digest") for event in named]
    assert lines_in(files["originals.ndjson"]) == [
        {"digest": told.digest, "bytes": len(log.original(told.digest)), "sealed": None}
    ]


def test_all_files_that_are_kept_are_named_by_some_entry(
    log: Log, notary: Notary, tmp_path: Path
) -> None:
    files = made(log, notary, tmp_path / "pack", everything)

    assert [f"originals/{digest}" for digest in log.originals()] == sorted(
        path for path in files if path.startswith("originals/")
    )
    assert json.loads(files["manifest.json"])["counts"]["originals"] == len(list(log.originals()))


def test_a_row_is_proved_without_the_file_that_it_is_in(
    log: Log, notary: Notary, tmp_path: Path
) -> None:
    told = an_import(log)
    files = made(log, notary, tmp_path / "pack", lambda pack: pack.row(told.digest, 5))
    (row,) = lines_in(files["rows.ndjson"])
    (line,) = lines_in(files["entries.ndjson"])
    expected = list(lines_of(log.kept(told.digest)))

    assert line["position"] == row["position"]
    assert expected[4] == base64.b64decode(row["line"])
    assert (5, 4, len(expected)) == (row["row"], row["index"], row["lines"])
    reached = climbed(leaf_hash(expected[4]), 4, len(expected), row["hashes"])
    assert line["body"]["event"]["root"] == reached.hex()
    assert not any(path.startswith("originals/") for path in files)


def test_an_earlier_checkpoint_is_shown_to_be_a_beginning(
    log: Log, notary: Notary, tmp_path: Path
) -> None:
    before = notary.checkpoint(log)
    more(log)

    def fill(pack: Pack) -> None:
        pack.entries()
        pack.consistency(before.note)

    files = made(log, notary, tmp_path / "pack", fill)
    told = json.loads(files["consistency.json"])

    assert before.note == told["from"]
    assert told["hashes"] == [
        base64.b64encode(one).decode() for one in log.consistency(before.size, log.position())
    ]


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("\n\n", "\n", "this is no checkpoint"),
        ("returns-ledger/", "returns-ledger/0", "another log"),
        ("=\n\n", "A\n\n", "this is no checkpoint"),
        ("\n2", "\n1", "none of this log's keys"),
        ("— returns-ledger/", "— returns-ledger/1", "none of this log's keys has"),
    ],
)
def test_what_is_no_checkpoint_of_the_log_is_refused_and_leaves_nothing(
    log: Log, notary: Notary, tmp_path: Path, old: str, new: str, why: str
) -> None:
    note = notary.checkpoint(log).note
    output = tmp_path / "out" / "pack.zip"
    output.parent.mkdir()
    assert old in note

    with pytest.raises(LedgerError, match=why):
        made(log, notary, output, lambda pack: pack.consistency(note.replace(old, new, 1)))

    assert [] == list(output.parent.iterdir())


def test_a_checkpoint_of_a_longer_log_or_of_another_history_is_refused(
    log: Log, notary: Notary, tmp_path: Path
) -> None:
    empty = notary.sign(f"{notary.origin}\n0\n{'A' * 43}=\n")
    longer = notary.sign(f"{notary.origin}\n999999\n{'A' * 43}=\n")
    forked = notary.sign(f"{notary.origin}\n5\n{'A' * 43}=\n")
    for number, (note, why) in enumerate(
        [(empty, "of 0 entries"), (longer, "of 999,999 entries"), (forked, "no continuation")]
    ):
        with pytest.raises(LedgerError, match=why):
            made(log, notary, tmp_path / f"{number}", methodcaller("consistency", note))


@pytest.mark.parametrize("name", ["pack", "pack.zip"])
def test_the_same_question_gives_the_same_bytes(
    log: Log, notary: Notary, tmp_path: Path, name: str
) -> None:
    (tmp_path / "again").mkdir()
    first = made(log, notary, tmp_path / name, everything)

    assert first == made(log, notary, tmp_path / "again" / f"another-{name}", everything)


def test_what_is_appended_meanwhile_is_not_in_it(log: Log, notary: Notary, tmp_path: Path) -> None:
    position = log.position()

    def fill(pack: Pack) -> None:
        more(log)
        pack.entries()

    files = made(log, notary, tmp_path / "pack", fill)

    assert position == len(files["entries.ndjson"].splitlines())
    assert position == json.loads(files["manifest.json"])["log"]["size"]


def test_a_log_is_packed_as_it_stood_at_an_entry(log: Log, notary: Notary, tmp_path: Path) -> None:
    before = made(log, notary, tmp_path / "before", lambda pack: pack.entries())
    position = log.position()
    more(log)
    later = made(log, notary, tmp_path / "later", lambda pack: pack.entries(), until=position)

    assert before == later


def test_a_log_of_then_is_signed_by_the_key_of_then(
    log: Log, notary: Notary, tmp_path: Path
) -> None:
    position = log.position()
    before = made(log, notary, tmp_path / "before", lambda pack: pack.entries())
    notary.rotate(log, why="a new year")
    later = made(log, notary, tmp_path / "later", lambda pack: pack.entries(), until=position)

    assert before == later


def test_the_entry_by_which_a_key_was_replaced_is_always_there(
    log: Log, notary: Notary, tmp_path: Path
) -> None:
    notary.rotate(log, why="a new year")
    files = made(log, notary, tmp_path / "pack", lambda pack: pack.entries([1]))

    assert ["account-opened.v1", "signing-key-replaced.v1"] == [
        json.loads(line)["topic"] for line in files["entries.ndjson"].splitlines()
    ]
    assert notary.vkeys() == files["keys.txt"].decode().splitlines()
    assert notary.vkeys()[-1] in files["README.txt"].decode()


def test_what_was_imported_is_summed_once(log: Log, notary: Notary, tmp_path: Path) -> None:
    files = made(log, notary, tmp_path / "pack", everything)
    totals = json.loads(files["manifest.json"])["control_totals"]
    told = {told.digest: told for told in imports_of(log)}.values()
    expected: dict[tuple[str, str], int] = {}
    for one in told:
        for total in one.totals:
            key = one.report_format, total.currency
            expected[key] = expected.get(key, 0) + total.minor

    assert expected == {
        (one["report_format"], one["currency"]): round(float(one["amount"]) * 100) for one in totals
    }
    assert totals == sorted(totals, key=lambda one: (one["report_format"], one["currency"]))


def test_nothing_is_left_of_a_pack_that_was_given_up(
    log: Log, notary: Notary, tmp_path: Path
) -> None:
    output = tmp_path / "out" / "pack"
    output.parent.mkdir()

    def fail(pack: Pack) -> None:
        pack.add("draft.txt", b"half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        made(log, notary, output, fail)

    assert [] == list(output.parent.iterdir())
