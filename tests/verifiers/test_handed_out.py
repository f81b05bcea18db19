"""What this program really hands out: accepted by Go and by hand, and refused by them once it is altered."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ledger import verify
from tests.tampering.samples import Samples, made
from tests.verifiers.test_verifying_page import BY_HAND, WITH_GO, typed
from tests.verifiers.tools import SOURCE, Go, program

PACKS = ("export", "order", "dossier", "before")


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """A small ledger, and one of everything that it hands out."""
    return made(tmp_path_factory.mktemp("samples"))


@pytest.fixture
def folder(samples: Samples, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A pack, unpacked."""
    place = tmp_path / "export"
    shutil.unpack_archive(samples.file(f"{request.param}.zip"), place)
    return place


@pytest.mark.parametrize("folder", PACKS, indirect=True)
def test_go_accepts_it_and_refuses_it_with_a_file_altered(
    go: Go, samples: Samples, folder: Path
) -> None:
    assert go.accepts("pack", samples.key, folder)
    for name in ("entries.ndjson", "checkpoint", "manifest.json", "manifest.note", "README.txt"):
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[:30] + bytes([data[30] ^ 1]) + data[31:])
        assert not go.accepts("pack", samples.key, folder), name
        (folder / name).write_bytes(data)


@pytest.mark.parametrize("folder", PACKS, indirect=True)
def test_what_the_page_types_succeeds(
    samples: Samples, folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    for tool in ("openssl", "sha256sum"):
        program(tool, "openssl coreutils")
    shutil.copy(
        samples.file(f"{request.node.callspec.params['folder']}.zip"), tmp_path / "export.zip"
    )
    for block in BY_HAND:
        done = typed(tmp_path, block.lines)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "are in the tree of" in typed(tmp_path, ("python3 tree.py",)).stdout


@pytest.mark.parametrize("folder", ["export"], indirect=True)
def test_go_is_typed_as_the_page_says(folder: Path, go: Go, tmp_path: Path) -> None:
    shutil.copy(SOURCE, tmp_path)
    (block,) = WITH_GO

    assert typed(tmp_path, block.lines).stdout.startswith("VERIFIED pack")


def test_go_accepts_every_proof_and_refuses_it_for_another_entry(
    go: Go, samples: Samples, tmp_path: Path
) -> None:
    assert go.accepts("checkpoint", samples.key, samples.file("checkpoint"))
    proof, line = samples.file("entry.tlog-proof"), samples.file("entry.tlog-proof.json")
    assert go.accepts("proof", samples.key, proof, line)
    other = tmp_path / "other"
    other.write_bytes(line.read_bytes().replace(b'"position":5', b'"position":6'))
    assert not go.accepts("proof", samples.key, proof, other)

    entries = (samples.file("dossier") / "entries.ndjson").read_bytes().split(b"\n")[:-1]
    for entry in entries:
        proof = samples.file("dossier") / "proofs" / f"{json.loads(entry)['position']}.tlog-proof"
        other.write_bytes(entry)
        assert not proof.exists() or go.accepts("proof", samples.key, proof, other)


def test_go_accepts_that_the_log_only_grew(go: Go, samples: Samples, tmp_path: Path) -> None:
    told = json.loads(samples.file("growth.json").read_bytes())
    now, shown = tmp_path / "now", tmp_path / "shown"
    now.write_text(told["to"], encoding="utf-8")
    shown.write_text(json.dumps(told), encoding="utf-8")
    assert go.accepts("consistency", samples.key, now, shown)

    shown.write_text(json.dumps({**told, "hashes": told["hashes"][1:]}), encoding="utf-8")
    assert not go.accepts("consistency", samples.key, now, shown)


@pytest.mark.parametrize("name", PACKS)
def test_verify_py_accepts_it_with_the_key_and_an_earlier_checkpoint(
    name: str, samples: Samples
) -> None:
    earlier = samples.file("before.checkpoint").read_bytes()
    pack = samples.file(f"{name}.zip")

    assert verify.verify_pack(pack, [samples.key]).problems == []
    if name in ("export", "before"):
        assert verify.verify_pack(pack, [samples.key], earlier).problems == []
