"""The verifier that goes with everything handed out: what it accepts, and all that it refuses."""

from __future__ import annotations

import io
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger import values, verify
from tests.verifiers.making import (
    PHOTO,
    REPORT,
    SEALED,
    STORY,
    Making,
    Signer,
    Told,
    as_json,
    b64,
    hex_of,
    imported,
    inclusion,
    leaf,
    ndjson,
    rotated,
)


def whole() -> Making:
    """A pack with one of everything that a pack may hold."""
    made = Making()
    return made.with_files(
        {
            "claims.json": as_json([{"report": hex_of(REPORT), "absent": ["114-9999999"]}]),
            "consistency.json": as_json(made.continuing(13)),
            "index.csv": made.index("views/status.csv"),
            "proofs/5.tlog-proof": made.tlog_proof(5),
            "rows.ndjson": ndjson([made.row(3), made.row(10)]),
        }
    )


def some(*positions: int) -> Making:
    """A pack of some entries, each with its proof."""
    return Making(positions=positions or (2, 14, 15, 20))


def verified(made: Making, tmp_path: Path, **given: Any) -> verify.Report:
    return verify.verify_pack(made.zip(tmp_path / "pack.zip"), **given)


def refused(made: Making, tmp_path: Path, **given: Any) -> str:
    """Why it is refused; as a folder it is refused for the same."""
    report = verified(made, tmp_path, **given)
    folder = verify.verify_pack(made.folder(Path(tempfile.mkdtemp(dir=tmp_path))), **given)
    assert not report.ok
    assert report.problems == folder.problems
    return " / ".join(report.problems)


# --- what is accepted -------------------------------------------------------------------------


@pytest.mark.parametrize("made", [whole, some, lambda: rotated()[0]])
def test_what_was_not_changed_is_verified_as_a_zip_and_as_a_folder(
    made: Callable[[], Making], tmp_path: Path
) -> None:
    pack = made()
    zipped = verify.verify_pack(pack.zip(tmp_path / "pack.zip"))
    folder = verify.verify_pack(pack.folder(tmp_path / "pack"))

    assert ([], []) == (zipped.problems, folder.problems)
    assert zipped.as_json() == folder.as_json()


def test_it_says_what_it_checked_and_how_many_of_it(tmp_path: Path) -> None:
    report = verified(whole(), tmp_path)

    assert {check.name: check.checked for check in report.checks} == {
        "pack": 14,
        "given": 0,
        "manifest": 1,
        "files": 12,
        "entries": 35,
        "signatures": 2,
        "consistency": 1,
        "originals": 2,
        "rows": 2,
        "exhibits": 0,
        "proofs": 1,
        "rulebooks": 1,
        "totals": 5,
        "index": 1,
        "absences": 1,
    }


def test_it_says_what_nobody_can_know_from_the_bytes(tmp_path: Path) -> None:
    unknown, told = verified(some(), tmp_path), verified(some(), tmp_path, keys=[Signer(1).vkey])

    assert [words.partition(":")[0] for words in unknown.unchecked] == [
        "whose key this is",
        "whether what Amazon or the seller told is true",
        "what else the log holds",
        "what is personal in the originals",
        "whether tables and texts follow from the entries",
    ]
    assert unknown.unchecked[1:] == told.unchecked


def test_a_loss_that_was_accepted_is_pointed_out(tmp_path: Path) -> None:
    story = [*STORY, Told("account", "loss-accepted.v1", {"size": 40, "why": "disk"})]
    report = verified(Making(story), tmp_path)

    assert report.ok
    assert any(words.startswith("what was lost: entry 36") for words in report.unchecked)


# --- what is refused --------------------------------------------------------------------------


def changed_line(made: Making, old: bytes, new: bytes) -> Making:
    data = made.files["entries.ndjson"]
    assert old in data
    return made.with_files({"entries.ndjson": data.replace(old, new, 1)})


REWRITINGS = {
    "an entry says something else": lambda made: changed_line(made, b"SKU-4", b"SKU-5"),
    "an entry is missing": lambda made: made.with_files(
        {"entries.ndjson": made.files["entries.ndjson"].partition(b"\n")[2]}
    ),
    "two entries are swapped": lambda made: made.with_files(
        {"entries.ndjson": b"".join(reversed(made.files["entries.ndjson"].splitlines(True)))}
    ),
    "a line is written otherwise": lambda made: changed_line(made, b'"body":', b'"body": '),
    "a key stands twice": lambda made: changed_line(made, b'"stream":', b'"stream":"x","stream":'),
    "the last line is cut off": lambda made: made.with_files(
        {"entries.ndjson": made.files["entries.ndjson"][:-1]}
    ),
    "an original is another": lambda made: made.with_files(
        {f"originals/{hex_of(PHOTO)}": PHOTO + b"\x00"}
    ),
    "a sealed original is another": lambda made: made.with_files(
        {f"originals/{hex_of(REPORT)}": SEALED + b"\n"}
    ),
    "an original has another name": lambda made: made.with_files({"originals/june.txt": b""}),
    "a rulebook is another": lambda made: made.with_files(
        {f"rulebook/{hex_of(b'other')}.json": b"{}"}
    ),
    "a rulebook was never adopted": lambda made: made.with_files(
        {f"rulebook/{hex_of(b'{}')}.json": b"{}"}
    ),
}


@pytest.mark.parametrize("made", [whole, some])
@pytest.mark.parametrize("change", REWRITINGS.values(), ids=REWRITINGS)
def test_a_change_is_found_even_under_a_manifest_that_its_owner_signed_anew(
    change: Callable[[Making], Making], made: Callable[[], Making], tmp_path: Path
) -> None:
    assert refused(change(made()), tmp_path)


@pytest.mark.parametrize("name", sorted(whole().files))
def test_no_file_can_be_changed_removed_or_added(name: str, tmp_path: Path) -> None:
    pack = whole()
    data = pack.files[name]
    pack.files[name] = bytes([data[0] ^ 1]) + data[1:]
    assert refused(pack, tmp_path)

    pack = whole()
    del pack.files[name]
    assert refused(pack, tmp_path)


def test_a_file_more_is_refused(tmp_path: Path) -> None:
    pack = whole()
    pack.files["views/more.csv"] = b""

    assert "'views/more.csv' is not in the manifest" in refused(pack, tmp_path)


@pytest.mark.parametrize("name", ["Manifest.json", "ENTRIES.ndjson"])
def test_names_that_are_one_on_some_systems_are_refused(name: str, tmp_path: Path) -> None:
    assert "differ in capital letters only" in refused(whole().with_files({name: b""}), tmp_path)


def test_a_number_without_end_is_refused_unread(tmp_path: Path) -> None:
    long = b"9" * 1_000_000
    made = changed_line(whole(), b'"position":5', b'"position":' + long)

    assert "more digits" in refused(made, tmp_path)


def test_json_nested_without_end_is_refused(tmp_path: Path) -> None:
    nested = b"[" * 100_000
    assert "nested too deeply" in refused(changed_line(whole(), b'"SKU-4"', nested), tmp_path)
    assert "nested too deeply" in refused(
        whole().with_files({"rows.ndjson": nested + b"\n"}), tmp_path
    )


def test_another_key_signs_for_another_log(tmp_path: Path) -> None:
    """Rewritten and signed anew it verifies under a name of its own, which is not the one you know."""
    forged = Making(STORY[:20], signer=Signer(666))
    known = Signer(1)

    assert verified(forged, tmp_path).ok
    assert "is none of this log's keys" in refused(forged, tmp_path, keys=[known.vkey])


def test_another_key_cannot_sign_under_the_name_of_the_log(tmp_path: Path) -> None:
    thief = Signer(666, Signer(1).name)
    forged = Making(STORY[:20], signer=thief)

    assert "is not the one after which the log is named" in refused(forged, tmp_path)
    assert "is not signed by the key" in refused(
        Making(STORY[:20], signer=thief, keys=[Signer(1)]),
        tmp_path,
    )


# --- keys that were replaced ------------------------------------------------------------------


def test_a_key_that_the_old_one_vouches_for_is_as_good(tmp_path: Path) -> None:
    made, old, new = rotated()

    for keys in ([], [old.vkey], [new.vkey], [old.vkey, new.vkey]):
        assert verified(made, tmp_path, keys=keys).problems == []


def test_a_key_that_nobody_vouches_for_is_the_readers_to_trust(tmp_path: Path) -> None:
    made, old, new = rotated(endorsed=False)

    assert "is not certified by the one before it" in refused(made, tmp_path)
    assert "is not certified by the one before it" in "".join(
        verified(made, tmp_path, keys=[old.vkey]).problems
    )
    assert verified(made, tmp_path, keys=[new.vkey]).problems == []


def test_an_old_key_signs_no_more_once_it_was_replaced(tmp_path: Path) -> None:
    made, old, _new = rotated()
    made.files["checkpoint"] = old.checkpoint(made.leaves).encode()

    assert "the checkpoint is not signed by the key" in refused(made.signed(), tmp_path)


def test_an_old_key_still_verifies_what_it_signed_before(tmp_path: Path) -> None:
    made, old, _new = rotated()
    before = old.checkpoint(made.leaves[:20])

    assert verified(made, tmp_path, checkpoint=before).problems == []


def test_a_note_of_very_many_signatures_is_refused_unread() -> None:
    made = Making()
    note = made.files["checkpoint"].decode()
    text, _, line = note.rpartition("\n\n")

    assert verify.note_of(f"{text}\n\n{line * 100}".encode()).signatures
    with pytest.raises(verify.Refused, match="more signatures"):
        verify.note_of(f"{text}\n\n{line * 101}".encode())


def test_a_replacement_that_no_entry_tells_is_refused(tmp_path: Path) -> None:
    old = Signer(1)
    new = Signer(2, old.name)

    assert "2 keys, and 0 entries" in refused(Making(signer=new, keys=[old, new]), tmp_path)


def test_a_note_for_another_key_vouches_for_nothing(tmp_path: Path) -> None:
    old = Signer(1)
    new, other = Signer(2, old.name), Signer(3, old.name)
    event = {"old": old.vkey, "new": new.vkey, "endorsement": old.endorsing(other), "why": "x"}
    story = [*STORY, Told("account", "signing-key-replaced.v1", event)]

    assert "certifies something else" in refused(
        Making(story, signer=new, keys=[old, new]), tmp_path
    )


# --- earlier checkpoints ----------------------------------------------------------------------


@pytest.mark.parametrize("size", range(36))
def test_the_entries_themselves_show_every_earlier_checkpoint(size: int, tmp_path: Path) -> None:
    made = Making()

    assert verified(made, tmp_path, checkpoint=made.signer.checkpoint(made.leaves[:size])).ok


def test_a_fork_is_refused_by_a_checkpoint_of_before(tmp_path: Path) -> None:
    """Rewritten by the owner, with the owner's own key: only who kept a checkpoint finds it."""
    made = Making()
    before = made.signer.checkpoint(made.leaves[:20])
    rewritten = Making([*STORY[:7], *STORY[8:]])

    assert verified(rewritten, tmp_path).ok
    assert "what was recorded then was changed" in refused(rewritten, tmp_path, checkpoint=before)


def test_a_log_that_was_rolled_back_is_refused_by_a_checkpoint_of_after(tmp_path: Path) -> None:
    made = Making()
    older = Making(STORY[:30])

    assert "fewer than the 35 of before" in refused(
        older, tmp_path, checkpoint=made.files["checkpoint"]
    )


def test_a_checkpoint_of_no_entries_has_the_root_of_none(tmp_path: Path) -> None:
    signer = Signer(1)
    lie = signer.note(f"{signer.name}\n0\n{b64(bytes(32))}\n")

    assert verified(some(), tmp_path, checkpoint=signer.checkpoint([])).ok
    assert "no entries has another root" in refused(some(), tmp_path, checkpoint=lie)


def test_some_entries_show_nothing_of_before_without_a_consistency_proof(tmp_path: Path) -> None:
    made = some()
    before = made.signer.checkpoint(made.leaves[:20])
    assert "ask for a pack made with it" in refused(made, tmp_path, checkpoint=before)

    made.with_files({"consistency.json": as_json(made.continuing(20))})
    assert verified(made, tmp_path, checkpoint=before).problems == []

    fork = made.signer.checkpoint([*made.leaves[:19], made.leaves[0]])
    assert "the history was forked" in "".join(verified(made, tmp_path, checkpoint=fork).problems)


def test_a_consistency_proof_that_proves_nothing_is_refused(tmp_path: Path) -> None:
    made = some()
    told = made.continuing(20)
    for hashes in (
        [],
        told["hashes"][:-1],
        [*told["hashes"], b64(bytes(32))],
        told["hashes"][::-1],
    ):
        made.with_files({"consistency.json": as_json({**told, "hashes": hashes})})
        report = verified(made, tmp_path)

        assert report.problems[0].startswith("consistency: ")


# --- what the pack says about itself ----------------------------------------------------------


def totals(dollars: str, yen: str, of: str = "USD") -> list[dict[str, str]]:
    return [
        {"amount": dollars, "currency": of, "report_format": "fba-returns"},
        {"amount": yen, "currency": "JPY", "report_format": "fba-returns"},
    ]


def test_it_knows_the_decimal_places_that_the_program_knows() -> None:
    assert verify.EXPONENTS == values.EXPONENTS


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"counts": {"entries": 34, "originals": 2}}, "there are 35 entries, not 34"),
        ({"counts": {"entries": 35, "originals": 1}}, "there are 2 originals, not 1"),
        ({"counts": {"entries": 35}}, "'originals' is missing"),
        ({"counts": {"entries": 35, "originals": 2, "rows": 1}}, "there are 0 rows, not 1"),
        (
            {"counts": {"entries": 35, "originals": 2, "won": 1}},
            "counts what nobody can count: won",
        ),
        ({"kind": "sworn statement"}, "what kind of pack it is"),
        ({"account": "default, audited by KPMG"}, "of which account"),
        ({"control_totals": totals("905", "-7")}, "not how an amount in USD is written: 905"),
        ({"control_totals": totals("0.905", "-7")}, "not how an amount in USD is written"),
        ({"control_totals": totals("9.05", "-0.07")}, "not how an amount in JPY is written"),
        ({"control_totals": totals("09.05", "-7")}, "not how an amount in USD is written"),
        ({"control_totals": totals("9.05", "-7", of="XXX")}, "no currency that is known here"),
        ({"control_totals": []}, "the control totals are not"),
        ({"schema": "returns-ledger/pack/2"}, "of a kind that this verifier does not know"),
        ({"complete": False}, "the pack has no proofs.ndjson"),
        ({"complete": 1}, "'complete' is missing"),
        ({"files": []}, "is not in the manifest"),
    ],
)
def test_a_manifest_that_tells_something_else_is_refused(
    changed: dict[str, Any], found: str, tmp_path: Path
) -> None:
    made = Making()
    made.changed = changed

    assert found in refused(made.signed(), tmp_path)


def test_a_file_told_twice_counts_once_in_the_control_totals(tmp_path: Path) -> None:
    again = imported(REPORT, SEALED, totals=[{"currency": "USD", "minor": 905}])
    made = Making([*STORY, again])
    made.totals = made.totals[:1]

    assert verified(made.signed(), tmp_path).problems == []


def test_a_row_is_proved_by_the_entry_that_imported_its_file(tmp_path: Path) -> None:
    made = some()
    row = made.row(4)
    assert verified(made.with_files({"rows.ndjson": ndjson([row])}), tmp_path).problems == []

    for change in (
        {"line": b64(b"another")},
        {"row": 5},
        {"index": 4, "row": 5},
        {"index": -1, "row": 0},
        {"lines": 11},
        {"position": 14},
        {"position": 2.0},
        {"digest": hex_of(PHOTO)},
        {"hashes": row["hashes"][1:]},
        {"hashes": "x"},
        {"hashes": [row["hashes"][0][:-1]]},
    ):
        made.with_files({"rows.ndjson": ndjson([{**row, **change}])})
        assert verified(made, tmp_path).problems[0].startswith("rows: line 1"), change


def test_nothing_is_said_beside_what_is_proved(tmp_path: Path) -> None:
    """Whoever reads a file that was verified takes all that it says for verified."""
    more = {"note": "paid in full"}

    def saying(name: str, data: bytes, made: Making) -> str:
        return "".join(verified(made.with_files({name: data}), tmp_path).problems)

    made = Making()
    row, claim = made.row(3), {"report": hex_of(REPORT), "absent": ["Z"]}
    assert "rows: line 1: it says more than" in saying("rows.ndjson", ndjson([row | more]), made)
    assert "rows: line 2: the row is there" in saying("rows.ndjson", ndjson([row, row]), Making())
    assert "it says more than" in saying("claims.json", as_json([claim | more]), Making())
    told = made.continuing(13) | more
    assert "it says more than" in saying("consistency.json", as_json(told), Making())
    proofs = ndjson(some(2, 3).proof(n) | more for n in (2, 3))
    assert "it says more than" in saying("proofs.ndjson", proofs, some(2, 3))
    for field in ("log", "files", "control_totals"):
        made = Making()
        one = made.manifest()[field]
        made.changed = {field: one | more if field == "log" else [one[0] | more, *one[1:]]}
        assert "it says more than" in refused(made.signed(), tmp_path), field
    made = Making()
    made.changed = more
    assert "it says more than" in refused(made.signed(), tmp_path)


def test_an_exhibit_is_a_file_that_an_entry_names_or_made_of_proved_rows(tmp_path: Path) -> None:
    made = some()
    header, row, other = (SEALED.split(b"\n")[number] + b"\n" for number in (0, 3, 4))
    rows = ndjson([made.row(1), made.row(4)])

    def exhibited(**exhibits: bytes) -> list[str]:
        pack = some()
        files = {f"exhibits/{name}": data for name, data in exhibits.items()}
        return verified(pack.with_files({"rows.ndjson": rows, **files}), tmp_path).problems

    assert exhibited(photo=PHOTO, report=REPORT, rows=header + row) == []
    for data in (b"", header + other, header + row[:-1], row + b"\n", b"another file"):
        assert exhibited(rows=data)[0].startswith("exhibits: "), data


def test_rows_are_shown_under_their_own_header_in_their_order_and_once(tmp_path: Path) -> None:
    """A row under another report's header says something else; shown twice it is two payments."""
    other = b"order-id\tname\treversed\n114-1\tA\t5.00\n114-1\tA\t5.00\n114-2\tA\t6.00\n"
    story = [*STORY, imported(other, totals=[])]
    lines = other.split(b"\n")[:-1]
    proved = [
        {
            "digest": hex_of(other),
            "hashes": [b64(one) for one in inclusion(row - 1, [leaf(line) for line in lines])],
            "index": row - 1,
            "line": b64(lines[row - 1]),
            "lines": len(lines),
            "position": len(story),
            "row": row,
        }
        for row in (4, 3, 2, 1)
    ]
    made = Making(story)
    mine = [SEALED.split(b"\n")[number] + b"\n" for number in (0, 3, 4)]
    theirs = [line + b"\n" for line in lines]
    made.files["rows.ndjson"] = ndjson([*proved, made.row(1), made.row(4), made.row(5)])

    def exhibited(*shown: bytes) -> bool:
        files = {"exhibits/01-report.txt": b"".join(shown)}
        return verified(made.with_files(files), tmp_path).ok

    assert exhibited(*mine)
    assert exhibited(*theirs)
    assert exhibited(theirs[0], theirs[2], theirs[3])
    assert not exhibited(theirs[0], mine[1]), "under another header"
    assert not exhibited(mine[0], theirs[1], mine[1]), "of two files"
    assert not exhibited(mine[0], mine[2], mine[1]), "in another order"
    assert not exhibited(mine[0], mine[1], mine[1]), "twice"
    assert not exhibited(*theirs[:3], theirs[2]), "a third time"
    assert not exhibited(mine[1]), "without the header"


def test_what_is_said_to_be_missing_is_looked_for(tmp_path: Path) -> None:
    def claiming(*words: object) -> str:
        claims = as_json([{"report": hex_of(REPORT), "absent": words}])
        return "".join(verified(Making().with_files({"claims.json": claims}), tmp_path).problems)

    assert claiming("114-9999999") == ""
    assert "does hold '114-0000003'" in claiming("114-9999999", "114-0000003")
    assert "does hold 'A'" in claiming("A")
    for word in ("", 7, "114-0000003 ", "114\u20110000003", "114-000\u200b0003", "\u00c4"):
        assert "is no word" in claiming(word), word


def test_what_is_said_to_be_missing_is_looked_for_in_a_packed_report_too(tmp_path: Path) -> None:
    engine = zlib.compressobj(wbits=31)
    packed = engine.compress("order 114-7".encode("utf-16")) + engine.flush()
    name = hex_of(packed)
    made = Making([*STORY, imported(packed, totals=[])])
    claims = as_json([{"report": name, "absent": ["114-7"]}])
    made.with_files({f"originals/{name}": packed, "claims.json": claims})

    assert "does hold '114-7'" in refused(made, tmp_path)


def test_nothing_is_looked_for_where_it_could_not_be_found(tmp_path: Path) -> None:
    def claiming(data: bytes, kept: bytes | None = None) -> str:
        name = hex_of(data)
        made = Making([*STORY, imported(data, kept, totals=[])])
        claims = as_json([{"report": name, "absent": ["114-7"]}])
        made.with_files({f"originals/{name}": kept or data, "claims.json": claims})
        return refused(made, tmp_path)

    def gzipped(data: bytes) -> bytes:
        engine = zlib.compressobj(wbits=31)
        return engine.compress(data) + engine.flush()

    assert "packed twice" in claiming(gzipped(gzipped(b"114-7")))
    assert "packed twice" in claiming(b"PK\x03\x04 and so on")
    assert "cannot be unpacked whole" in claiming(gzipped(b"order 114-8")[:-1])
    assert "sealed as a whole" in claiming(b"114-7", b"sealed:AAAA")


def test_what_stands_across_two_pieces_of_a_report_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "READ_AT_ONCE", 7)
    claims = as_json([{"report": hex_of(REPORT), "absent": ["114-0000003", "ORDER-id", "Z"]}])
    found = refused(Making().with_files({"claims.json": claims}), tmp_path)

    assert "does hold '114-0000003'" in found
    assert "does hold 'ORDER-id'" in found
    assert "'Z'" not in found


def test_nothing_can_be_missing_from_what_is_no_report(tmp_path: Path) -> None:
    claims = as_json([{"report": hex_of(PHOTO), "absent": ["114-0000003"]}])

    assert "no entry of the pack imported the report" in refused(
        Making().with_files({"claims.json": claims}), tmp_path
    )


def test_the_words_that_are_missing_are_printed(tmp_path: Path) -> None:
    claims = as_json([{"report": hex_of(REPORT), "absent": ["114-9999999"]}])
    pack = Making().with_files({"claims.json": claims}).zip(tmp_path / "pack.zip")

    assert "as they are here, holds 114-9999999" in run(pack, tmp_path=tmp_path).stdout


def test_an_index_that_tells_another_file_is_refused(tmp_path: Path) -> None:
    made = Making()
    index = made.index("views/status.csv").replace(b"views", b"vies")

    assert "index: 'vies/status.csv'" in refused(made.with_files({"index.csv": index}), tmp_path)


def test_an_index_that_can_be_read_in_two_ways_is_refused(tmp_path: Path) -> None:
    made = Making()
    name, digest = "views/status.csv", hex_of(made.files["views/status.csv"])

    def indexed(text: str) -> str:
        return refused(made.with_files({"index.csv": text.encode()}), tmp_path)

    assert "two columns" in indexed(f"file,path,sha256\nverify.py,{name},{digest}\n")
    assert "two columns" in indexed(f"file,sha256,sha256\n{name},{'0' * 64},{digest}\n")


@pytest.mark.parametrize(
    "index", [b'"', b'path,sha256\n"a"b,c\n', b"\xff", b"path\n\x00\n", b"\n", b"x" * 200_000]
)
def test_an_index_that_is_no_table_is_refused(index: bytes, tmp_path: Path) -> None:
    report = verified(Making().with_files({"index.csv": index + b"views/status.csv\n"}), tmp_path)

    assert "index" in {check.name for check in report.checks if not check.ok}


def test_what_would_take_hours_is_refused_at_once(tmp_path: Path) -> None:
    """A pack of a few kilobytes must not keep a reader's machine busy for a night."""
    index = "file,sha256," + ",".join(map(str, range(20_000))) + "\n" + "x\n" * 20_000
    claims = [{"report": hex_of(REPORT), "absent": [f"W{n}" for n in range(101)]}]
    files = {"index.csv": index.encode(), "claims.json": as_json(claims)}
    found = refused(Making().with_files(files), tmp_path)

    assert "more columns than anybody reads" in found
    assert "more words should be missing than anybody looks for" in found


def test_an_exhibit_that_the_index_does_not_tell_is_refused(tmp_path: Path) -> None:
    made = Making().with_files({"exhibits/01-photo.png": PHOTO})
    made.with_files({"index.csv": made.index("views/status.csv")})

    assert "'exhibits/01-photo.png' is not in the index" in refused(made, tmp_path)


# --- originals --------------------------------------------------------------------------------


def test_a_file_that_was_never_imported_is_no_original(tmp_path: Path) -> None:
    """Else a report that was made up afterwards would stand among those that were imported."""
    made_up = REPORT.replace(b"1.00", b"9.00")
    made = Making().with_files({f"originals/{hex_of(made_up)}": made_up})

    assert "is a file that no entry of the pack names" in refused(made, tmp_path)


def test_the_list_of_originals_says_what_they_are(tmp_path: Path) -> None:
    report = {"bytes": 7, "digest": hex_of(REPORT), "sealed": hex_of(SEALED)}
    photo = {"bytes": len(PHOTO), "digest": hex_of(PHOTO), "sealed": None}
    right = sorted([report, photo], key=lambda one: str(one["digest"]))

    def listing(*told: object) -> list[str]:
        return verified(Making().with_files({"originals.ndjson": ndjson(told)}), tmp_path).problems

    assert listing(*right) == []
    for wrong in (
        right[:1],
        right[::-1],
        [*right, right[1]],
        [{**one, "sealed": None} for one in right],
        [{**one, "bytes": 1} for one in right],
        [{**one, "digest": "../keys.txt"} for one in right],
        [{key: one[key] for key in ("digest", "bytes")} for one in right],
        [7],
    ):
        assert listing(*wrong)[0].startswith("originals: "), wrong


def test_a_line_without_end_is_hashed_piece_by_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "READ_AT_ONCE", 5)
    data = b"ab\nabcde\nabcdefghij\n\nabcdefg"
    made = Making([*STORY, imported(data, totals=[])])

    assert verified(made.with_files({f"originals/{hex_of(data)}": data}), tmp_path).problems == []


def test_a_file_that_no_pack_has_is_pointed_out(tmp_path: Path) -> None:
    pack = Making().with_files({"certificate.pdf": b"all of it is true", "rulebook/x.json": b"{}"})
    report = verified(pack, tmp_path)

    assert report.ok
    assert report.unchecked[-1] == (
        "what stands in 'certificate.pdf', 'rulebook/x.json': the seller put it there"
    )


# --- folders and .zip files that try something ------------------------------------------------


def zipped(tmp_path: Path, *members: tuple[str, bytes], **info: Any) -> Path:
    path = tmp_path / "tried.zip"
    with zipfile.ZipFile(path, "w") as made:
        for name, data in members:
            one = zipfile.ZipInfo(name)
            for field, value in info.items():
                setattr(one, field, value)
            made.writestr(one, data)
    return path


@pytest.mark.parametrize(
    "name", ["../out", "/out", "a/../b", "a//b", "C:x", "a\\b", "a\nb", "a/", "."]
)
def test_a_name_that_leads_out_of_the_pack_is_refused(name: str, tmp_path: Path) -> None:
    report = verify.verify_pack(zipped(tmp_path, (name, b"")))

    assert "could lead out" in report.problems[0]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_that_programs_could_read_in_two_ways_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, ("a", b"1"), ("a", b"2"))
    assert "twice" in verify.verify_pack(path).problems[0]

    data = zipped(tmp_path, ("a", b"1"), ("b", b"2")).read_bytes()
    path.write_bytes(b"MZ" + data)
    assert "belong to no file" in verify.verify_pack(path).problems[0]

    path.write_bytes(data[:30] + b"z" + data[31:])
    assert "otherwise where the file is" in verify.verify_pack(path).problems[0]

    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    path.write_bytes(data[: second + 42] + struct.pack("<L", 0) + data[second + 46 :])
    assert "overlap" in verify.verify_pack(path).problems[0]

    end = data.index(b"PK\x05\x06")
    path.write_bytes(data[: end + 8] + struct.pack("<2H", 1, 1) + data[end + 12 :])
    assert "another number of files" in verify.verify_pack(path).problems[0]


def test_a_zip_whose_files_become_links_when_it_is_unpacked_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, ("a", b"/etc/passwd"), external_attr=0o120777 << 16)

    assert "is not a plain file" in verify.verify_pack(path).problems[0]


def test_a_zip_that_has_a_second_name_for_a_file_is_refused(tmp_path: Path) -> None:
    """Info-ZIP's Unicode Path: some programs unpack the file under that name."""
    told = struct.pack("<BL", 1, zlib.crc32(b"a")) + b"b"
    other = struct.pack("<2H", 0x7075, len(told)) + told
    times = struct.pack("<2HBL", 0x5455, 5, 1, 0)

    assert not verify.verify_pack(zipped(tmp_path, ("a", b"1"), extra=other)).ok
    for extra in (other, times + times, times[:-1]):
        assert not verify.verify_pack(zipped(tmp_path, ("a", b"1"), extra=extra)).ok, extra
    report = verify.verify_pack(zipped(tmp_path, ("a", b"1"), extra=times))
    assert report.checks[0].ok


class Streamed(io.BytesIO):
    """What cannot be written to twice: sizes stand behind a file then."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError

    def seek(self, _to: int, _from: int = 0) -> int:
        raise OSError


def test_a_zip_that_tells_sizes_behind_each_file_tells_the_true_ones(tmp_path: Path) -> None:
    made, out = whole(), Streamed()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in made.files.items():
            file.writestr(name, data)
    path, data = tmp_path / "streamed.zip", out.getvalue()
    path.write_bytes(data)
    assert verify.verify_pack(path).problems == []

    at = data.index(b"PK\x07\x08")
    path.write_bytes(data[: at + 12] + b"\x01" + data[at + 13 :])
    assert "two sizes or checksums" in verify.verify_pack(path).problems[0]


def test_a_zip_made_by_another_program_is_as_good(tmp_path: Path) -> None:
    program = shutil.which("zip")
    if program is None:
        pytest.skip("no zip on this machine")
    folder = whole().folder(tmp_path / "pack")
    path = tmp_path / "again.zip"
    subprocess.run([program, "-q", "-D", "-r", path, "."], cwd=folder, check=True)

    assert verify.verify_pack(path).problems == []


def test_a_zip_with_long_sizes_is_read(tmp_path: Path) -> None:
    made, path = whole(), tmp_path / "long.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in made.files.items():
            with file.open(name, "w", force_zip64=True) as one:
                one.write(data)
    assert verify.verify_pack(path).problems == []

    data = path.read_bytes()
    at = data.index(struct.pack("<2H", 1, 16)) + 4
    path.write_bytes(data[:at] + b"\x01" + data[at + 1 :])
    assert "two sizes or checksums" in verify.verify_pack(path).problems[0]


@pytest.mark.parametrize(
    "names", [("\u00e9", "e\u0301"), ("a", "a."), ("x", "x/y"), ("\u017f", "s")]
)
def test_files_that_some_system_cannot_tell_apart_are_refused(
    names: tuple[str, str], tmp_path: Path
) -> None:
    made = Making().with_files(dict.fromkeys(names, b"1"))

    assert "files: the manifest" in verified(made, tmp_path).problems[0]


def test_a_zip_that_unpacks_to_an_absurd_size_is_refused_unread(tmp_path: Path) -> None:
    data = bytearray(zipped(tmp_path, ("a", b"1")).read_bytes())
    central = data.index(b"PK\x01\x02")
    data[central + 24 : central + 28] = struct.pack("<L", 0xFFFFFFF0)
    path = tmp_path / "bomb.zip"
    path.write_bytes(data)

    assert not verify.verify_pack(path).ok


def test_a_folder_with_a_link_is_refused(tmp_path: Path) -> None:
    folder = whole().folder(tmp_path / "pack")
    (folder / "link").symlink_to("manifest.json")

    assert "neither a file nor a folder" in verify.verify_pack(folder).problems[0]


def test_a_folder_with_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    folder = whole().folder(tmp_path / "pack")
    os.mkfifo(folder / "pipe")

    assert "neither a file nor a folder" in verify.verify_pack(folder).problems[0]


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x05\x06" + bytes(18), bytes(1000)])
def test_what_is_no_pack_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(data)

    assert not verify.verify_pack(tmp_path / "x").ok
    assert not verify.verify_pack(tmp_path / "nothing").ok
    assert not verify.verify(tmp_path / "x").ok


# --- single files -----------------------------------------------------------------------------


def test_a_proof_holds_for_its_entry_and_for_no_other() -> None:
    made = Making()
    proof, keys = made.tlog_proof(5), [made.signer.vkey]

    assert verify.verify_proof(proof, made.lines[4], keys).ok
    assert verify.verify_proof(proof, made.lines[4] + b"\n", keys).ok
    assert not verify.verify_proof(proof, made.lines[5], keys).ok
    assert not verify.verify_proof(proof, made.lines[4][:-1] + b" }", keys).ok
    assert not verify.verify_proof(proof.replace(b"index 4", b"index 5"), made.lines[4], keys).ok
    assert not verify.verify_proof(proof.replace(b"index 4", b"index 04"), made.lines[4], keys).ok
    assert "give it with --key" in verify.verify_proof(proof, made.lines[4], []).problems[0]


def test_a_checkpoint_continues_an_earlier_one_where_a_proof_shows_it() -> None:
    made = Making()
    now, then = made.files["checkpoint"], made.signer.checkpoint(made.leaves[:20]).encode()
    told = made.continuing(20)
    shown = verify.note_of(then), verify.hashes_of(told["hashes"])

    def grown(note: bytes, shown: Any, earlier: bytes | None) -> bool:
        return verify.verify_growth(note, [made.signer.vkey], shown, earlier).ok

    assert grown(now, None, None)
    assert grown(now, shown, None)
    assert grown(now, shown, then)
    assert grown(now, None, now)
    assert not grown(now, None, then)
    assert not grown(then, None, now)
    assert not grown(now, shown, now)
    assert not grown(then, shown, then)
    assert not grown(now, (shown[0], shown[1][1:]), then)


def test_a_log_can_be_verified_by_a_key_of_each_of_its_times() -> None:
    made, old, new = rotated()
    keys = [old.vkey, new.vkey]

    assert verify.verify_growth(made.files["checkpoint"], keys, None, None).ok
    assert verify.verify_growth(made.files["checkpoint"], [new.vkey], None, None).ok
    assert not verify.verify_growth(made.files["checkpoint"], [old.vkey], None, None).ok


def lines_of(made: Making, tmp_path: Path) -> Path:
    """The whole log as one file of lines, its checkpoint beside it."""
    file = tmp_path / "log.jsonl"
    file.write_bytes(made.files["entries.ndjson"])
    file.with_name("log.jsonl.checkpoint").write_bytes(made.files["checkpoint"])
    return file


def test_the_lines_of_a_log_are_verified_by_the_checkpoint_beside_them(tmp_path: Path) -> None:
    made = Making()
    keys = [made.signer.vkey]
    file = lines_of(made, tmp_path)
    report = verify.verify(file, keys=keys)

    assert report.ok, report.problems
    assert [("checkpoint", 1), ("entries", len(made.lines))] == [
        (check.name, check.checked) for check in report.checks if check.checked
    ]
    assert len(made.lines) == report.about["size"]
    assert verify.verify(file, file.with_name("log.jsonl.checkpoint"), keys).ok
    assert "give it with --key" in verify.verify(file).problems[0]
    file.with_name("log.jsonl.checkpoint").unlink()
    assert "give it as a second file" in verify.verify(file, keys=keys).problems[0]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (lambda lines: lines[:-1], "were signed"),
        (lambda lines: [*lines[:3], lines[3][:-9]], "cut off"),
        (lambda lines: [*lines[:3], *lines[4:]], "comes after position 3"),
        (lambda lines: [*lines[:3], lines[3].replace(b"2026", b"2025", 1), *lines[4:]], "changed"),
    ],
)
def test_no_line_of_a_log_can_be_changed_or_left_out(
    changed: Callable[[list[bytes]], list[bytes]], why: str, tmp_path: Path
) -> None:
    made = Making()
    file = lines_of(made, tmp_path)
    file.write_bytes(b"".join(changed(file.read_bytes().splitlines(keepends=True))))
    report = verify.verify(file, keys=[made.signer.vkey])

    assert not report.ok
    assert why in report.problems[0]


def test_the_lines_of_a_log_show_every_earlier_checkpoint_and_no_fork(tmp_path: Path) -> None:
    made = Making()
    file, keys = lines_of(made, tmp_path), [made.signer.vkey]
    fork = Making(STORY[:-1])
    for leaves in (made.leaves, made.leaves[:20]):
        assert verify.verify(file, None, keys, made.signer.checkpoint(leaves).encode()).ok
    for leaves in ([*fork.leaves, leaf(b"x")], [*made.leaves[:19], leaf(b"x")]):
        assert not verify.verify(file, None, keys, made.signer.checkpoint(leaves).encode()).ok


# --- as a program -----------------------------------------------------------------------------


def run(*arguments: object, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """As on a machine that has nothing of ours: a copy of the file, and Python without its packages."""
    alone = tmp_path / "alone.py"
    shutil.copy(verify.__file__, alone)
    return subprocess.run(
        [sys.executable, "-I", "-S", alone, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )


def test_it_runs_alone_and_ends_0_or_1(tmp_path: Path) -> None:
    made = whole()
    good = made.zip(tmp_path / "good.zip")
    made.files["views/status.csv"] += b"2\n"
    bad = made.zip(tmp_path / "bad.zip")

    done = run(good, "--key", made.signer.vkey, tmp_path=tmp_path)
    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout.splitlines()[-1].startswith("VERIFIED: export of the account default")

    done = run(bad, tmp_path=tmp_path)
    assert (1, "") == (done.returncode, done.stderr)
    assert done.stdout.splitlines()[-1] == (
        "REFUSED: files: 'views/status.csv' has 13 bytes, not 11 (and 1 more)"
    )

    done = run(good, "--json", tmp_path=tmp_path)
    assert json.loads(done.stdout)["ok"] is True


def test_single_files_are_told_apart_by_what_they_hold(tmp_path: Path) -> None:
    made = Making()
    names = {
        "proof": made.tlog_proof(5),
        "line": made.lines[4],
        "now": made.files["checkpoint"],
        "before": made.signer.checkpoint(made.leaves[:20]).encode(),
        "shown": as_json(made.continuing(20)),
        "beside": made.tlog_proof(6),
        "beside.json": made.lines[5],
    }
    row = {
        **made.row(4),
        "entry": made.lines[1].decode(),
        "proof": made.tlog_proof(2).decode(),
        "schema": "returns-ledger/row-proof/1",
    }
    grown = {
        **made.continuing(20),
        "schema": "returns-ledger/growth/1",
        "to": names["now"].decode(),
    }
    told = {
        "row": row,
        "row-of-another": {**row, "line": b64(b"another")},
        "row-of-another-entry": {**row, "entry": made.lines[2].decode()},
        "row-of-another-proof": {**row, "proof": made.tlog_proof(3).decode()},
        "grown": grown,
        "grown-otherwise": {**grown, "hashes": grown["hashes"][1:]},
        "unknown": {**grown, "schema": "returns-ledger/growth/2"},
    }
    for name, data in {**names, **{name: as_json(one) for name, one in told.items()}}.items():
        (tmp_path / name).write_bytes(data)
    key = ["--key", made.signer.vkey]

    assert run("beside", *key, tmp_path=tmp_path).returncode == 0
    assert [name for name in told if run(name, *key, tmp_path=tmp_path).returncode == 0] == [
        "row",
        "grown",
    ]
    assert run("grown", *key, "--checkpoint", "before", tmp_path=tmp_path).returncode == 0
    assert run("grown", *key, "--checkpoint", "now", tmp_path=tmp_path).returncode == 1

    assert run("proof", "line", *key, tmp_path=tmp_path).returncode == 0
    assert run("now", "shown", *key, "--checkpoint", "before", tmp_path=tmp_path).returncode == 0
    to_proof, to_row = ("proof", "line", *key, "--checkpoint"), ("row", *key, "--checkpoint")
    other = Making(STORY[:-1])
    (tmp_path / "fork").write_text(other.signer.checkpoint([*other.leaves, leaf(b"x")]))
    for one in (to_proof, to_row):
        assert run(*one, "now", tmp_path=tmp_path).returncode == 0
        assert "takes a consistency proof" in run(*one, "before", tmp_path=tmp_path).stdout
        assert "the history was forked" in run(*one, "fork", tmp_path=tmp_path).stdout
    assert run("proof", *key, tmp_path=tmp_path).returncode == 1
    assert run("proof", "nothing", *key, tmp_path=tmp_path).returncode == 1
    assert run("now", *key, "--checkpoint", "nothing", tmp_path=tmp_path).returncode == 1


def test_what_it_prints_of_a_damaged_file_does_no_harm(tmp_path: Path) -> None:
    """No control characters of a stranger's file reach the terminal."""
    made = Making()
    made.changed = {"account": "x\x1b[31m\u202e\ud800"}
    folder = made.signed().folder(tmp_path / "pack")
    (folder / "b\x1b[2J\u202e.txt").touch()
    done = run(folder, tmp_path=tmp_path)

    assert done.returncode == 1
    assert done.stdout.isascii()
    assert "\x1b" not in done.stdout


def test_it_is_written_for_every_python_since_3_9() -> None:
    import ast

    source = Path(verify.__file__).read_text(encoding="utf-8")

    assert ast.parse(source, feature_version=(3, 9)).body
