"""Proofs of an entry, of a row and of the log's growth, each a file that anybody can check."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ledger.store import leaf_hash
from ledger.store.notes import Checkpoint
from tests.cli.terminal import imported, typed
from tests.ledger.store.test_proofs import climbed, compared
from tests.story import ORDER, sold


@pytest.fixture(autouse=True)
def _ledger(tmp_path: Path) -> None:
    imported(tmp_path / "reports", sold(ORDER, "2026-06-01"))


def hashes_of(told: list[str]) -> list[bytes]:
    return [base64.b64decode(one) for one in told]


def proved(proof: str, line: bytes) -> Checkpoint:
    """The checkpoint of a tlog-proof that leads from the line to its root."""
    head, _, note = proof.partition("\n\n")
    kind, index, *hashes = head.split("\n")
    made = Checkpoint.read(note)
    assert "c2sp.org/tlog-proof@v1" == kind
    place = int(index.removeprefix("index "))
    assert made.root == climbed(place, made.size, leaf_hash(line), hashes_of(hashes))
    return made


def told(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    return found


def test_an_entry_is_proved_beside_its_line(tmp_path: Path) -> None:
    output = tmp_path / "two.tlog-proof"
    assert 0 == typed("prove", "entry", "2", "-o", output).code
    line = (tmp_path / "two.tlog-proof.json").read_bytes()

    assert 2 == msgspec.json.decode(line)["position"]
    proved(output.read_text(), line)


def test_an_entry_that_is_not_there_is_not_proved(tmp_path: Path) -> None:
    said = typed("prove", "entry", "9999", "-o", tmp_path / "x")

    assert (1, False) == (said.code, (tmp_path / "x").exists())


def test_a_row_is_proved_by_its_import(tmp_path: Path) -> None:
    file = next((tmp_path / "reports").iterdir())
    output = tmp_path / "row.json"
    assert 0 == typed("prove", "row", file.name, "2", "-o", output).code
    proof = told(output)
    line = base64.b64decode(proof["line"])
    entry = proof["entry"].encode()
    event = msgspec.json.decode(entry)["body"]["event"]
    leaf = leaf_hash(line)

    assert line == file.read_bytes().split(b"\n")[1]
    root = climbed(proof["index"], proof["lines"], leaf, hashes_of(proof["hashes"]))
    assert event["root"] == root.hex()
    assert (proof["digest"], proof["lines"]) == (event["digest"], event["lines"])
    proved(proof["proof"], entry)


def test_a_file_is_found_by_its_digest_too(tmp_path: Path) -> None:
    digest = typed("story", "account").rows[-1]["source_digest"]

    assert 0 == typed("prove", "row", digest[:12], "1", "-o", tmp_path / "a").code
    assert "no such file" in typed("prove", "row", "other.txt", "1", "-o", tmp_path / "b").err


def test_the_log_is_proved_to_have_only_grown(tmp_path: Path) -> None:
    earlier, output = tmp_path / "early", tmp_path / "growth.json"
    assert 0 == typed("checkpoint", "make", "-o", earlier).code
    typed("note", ORDER, "something to remember")
    assert 0 == typed("prove", "growth", earlier, "-o", output).code
    proof = told(output)
    before, after = Checkpoint.read(proof["from"]), Checkpoint.read(proof["to"])

    assert before.note == earlier.read_text()
    assert before.size < after.size
    hashes = hashes_of(proof["hashes"])
    assert (before.root, after.root) == compared(before.size, after.size, before.root, hashes)


def test_a_log_that_did_not_grow_from_it_is_told(tmp_path: Path) -> None:
    log = tmp_path / "home" / "accounts" / "seller" / "ledger.db"
    shutil.copy(log, tmp_path / "backup.db")
    typed("note", ORDER, "something to remember")
    later = tmp_path / "later"
    assert 0 == typed("checkpoint", "make", "-o", later).code
    shutil.copy(tmp_path / "backup.db", log)
    (log.parent / "checkpoints.db").unlink()
    said = typed("prove", "growth", later, "-o", tmp_path / "x")

    assert (1, True) == (said.code, "no continuation" in said.err)


def test_what_is_no_checkpoint_is_told(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("nothing")

    assert "no checkpoint" in typed("prove", "growth", tmp_path / "x", "-o", tmp_path / "y").err
