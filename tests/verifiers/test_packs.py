"""Whole packs: Go's library and verify.py, which share no line, say the same of each."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ledger import verify
from tests.verifiers.making import Making, as_json
from tests.verifiers.tools import Go


@pytest.mark.parametrize("positions", [None, [2, 14, 15, 20]])
def test_go_accepts_a_pack_and_refuses_it_with_any_file_altered(
    go: Go, positions: list[int] | None, tmp_path: Path
) -> None:
    made = Making(positions=positions)
    folder, key = made.folder(tmp_path / "pack"), made.signer.vkey
    assert go.accepts("pack", key, folder)

    for name, data in made.files.items():
        if name == "keys.txt":
            continue  # the key is given by hand
        place = random.Random(name).randrange(len(data))
        altered = bytearray(data)
        altered[place] ^= 1
        (folder / name).write_bytes(altered)
        assert not go.accepts("pack", key, folder), name
        assert not verify.verify_pack(folder, [key]).ok, name
        (folder / name).write_bytes(data)


def test_go_refuses_entries_that_a_thief_signed_anew(go: Go, tmp_path: Path) -> None:
    """The manifest fits, the tree does not."""
    made = Making()
    entries = made.files["entries.ndjson"].replace(b"SKU-3", b"SKU-9")
    folder = made.with_files({"entries.ndjson": entries}).folder(tmp_path / "pack")

    assert not go.accepts("pack", made.signer.vkey, folder)


def test_go_accepts_single_proofs_and_checkpoints_and_refuses_those_of_others(
    go: Go, tmp_path: Path
) -> None:
    made = Making()
    key = made.signer.vkey
    files = {
        "proof": made.tlog_proof(5),
        "entry": made.lines[4] + b"\n",
        "other": made.lines[5],
        "now": made.files["checkpoint"],
        "before": made.signer.checkpoint(made.leaves[:20]).encode(),
        "shown": as_json(made.continuing(20)),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)

    def accepts(what: str, *names: str) -> bool:
        return go.accepts(what, key, *(tmp_path / name for name in names))

    assert accepts("proof", "proof", "entry")
    assert accepts("checkpoint", "now")
    assert accepts("consistency", "now", "shown")
    assert not accepts("proof", "proof", "other")
    assert not accepts("checkpoint", "entry")
    assert not accepts("consistency", "before", "shown")
