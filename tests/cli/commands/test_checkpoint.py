"""What the log is, is signed after every command that writes; a log that forks is found and named."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ledger.store.notes import Checkpoint, VerifierKey, text_of
from tests.cli.terminal import Said, imported, typed
from tests.story import ORDER, sold

ACCOUNT = Path("home") / "accounts" / "seller"


@pytest.fixture(autouse=True)
def _ledger(tmp_path: Path) -> None:
    imported(tmp_path / "reports", sold(ORDER, "2026-06-01"))


def noted(text: str = "something to remember") -> Said:
    return typed("note", ORDER, text)


def sizes() -> list[int]:
    return [row["size"] for row in typed("checkpoint", "list").rows]


def test_every_command_that_writes_is_signed_for() -> None:
    first = sizes()
    assert 1 == len(first)
    typed("status")
    typed("check")
    assert first == sizes()
    assert 0 == noted().code

    assert [*first, first[0] + 1] == sizes()


def test_the_note_is_what_its_key_signed() -> None:
    (key,) = typed("checkpoint", "keys").rows
    note = typed("checkpoint", "make", "-o", "-").out

    assert Checkpoint.read(note).text == text_of(note, [VerifierKey.read(key["vkey"])])
    assert Checkpoint.read(note).size == sizes()[-1]


def test_an_earlier_size_is_signed_when_asked_for(tmp_path: Path) -> None:
    output = tmp_path / "early.checkpoint"
    assert 0 == typed("checkpoint", "make", "--at", "2", "-o", output).code

    assert 2 == Checkpoint.read(output.read_text()).size
    assert [2] != sizes()
    assert "entries" in typed("checkpoint", "make", "--at", "99999").err
    assert 1 == typed("checkpoint", "make", "-o", output).code


def test_the_line_names_log_size_and_root() -> None:
    origin, size, root = typed("checkpoint", "line").out.split()
    row = typed("checkpoint", "list").rows[-1]

    assert (origin, int(size), root) == (row["origin"], row["size"], row["root"])


def test_a_new_key_signs_from_here_on() -> None:
    before = typed("checkpoint", "keys").row["vkey"]
    assert 0 == typed("checkpoint", "rotate", "--why", "the laptop was sold").code
    first, second = typed("checkpoint", "keys").rows

    assert (before, False, True) == (
        first["vkey"],
        first["retired_at"] is None,
        second["retired_at"] is None,
    )
    assert "SigningKeyReplaced" == typed("story", "account").rows[-1]["event"]
    assert 0 == typed("check").code


# --- forks ------------------------------------------------------------------------------------


def restored(tmp_path: Path) -> None:
    """An older copy of the log takes the place of the newer one."""
    backup = tmp_path / "backup.db"
    shutil.copy(tmp_path / ACCOUNT / "ledger.db", backup)
    assert 0 == noted().code
    shutil.copy(backup, tmp_path / ACCOUNT / "ledger.db")


def test_a_restored_backup_is_named_and_takes_nothing(tmp_path: Path) -> None:
    restored(tmp_path)
    asked = typed("status")
    told = noted("another")
    checked = typed("check")

    assert (0, 1, 1) == (asked.code, told.code, checked.code)
    assert "entries are missing" in asked.err
    assert "entries are missing" in told.err
    assert "accept-loss" in told.err
    assert ["checkpoints"] == [row["name"] for row in checked.rows if not row["ok"]]
    assert typed("story", ORDER).out.count("NoteAdded") == 0


def test_a_loss_that_is_accepted_is_recorded(tmp_path: Path) -> None:
    restored(tmp_path)
    assert 0 == typed("checkpoint", "accept-loss", "--why", "the disk is gone").code

    assert "LossAccepted" == typed("story", "account").rows[-1]["event"]
    assert 0 == noted("another").code
    assert 0 == typed("check").code
    assert 1 == typed("checkpoint", "accept-loss", "--why", "again").code


# --- witnesses --------------------------------------------------------------------------------


def test_a_witness_keeps_checkpoints_and_is_asked_before_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "share"
    assert 0 == typed("checkpoint", "witness", folder).code
    noted()
    said = typed("checkpoint", "witness", folder)

    assert 0 == said.code
    assert "goes on from the 1" in said.err
    assert 2 == len(list(folder.rglob("*.checkpoint")))
    table = typed("checkpoint", "list", "--format", "table").out
    assert 2 == table.count("witness")


def test_a_log_that_the_witness_saw_otherwise_is_refused(tmp_path: Path) -> None:
    """Even where the checkpoints of the home itself are gone."""
    folder = tmp_path / "share"
    backup = tmp_path / "backup.db"
    shutil.copy(tmp_path / ACCOUNT / "ledger.db", backup)
    noted()
    assert 0 == typed("checkpoint", "witness", folder).code
    shutil.copy(backup, tmp_path / ACCOUNT / "ledger.db")
    (tmp_path / ACCOUNT / "checkpoints.db").unlink()
    said = typed("checkpoint", "witness", folder)

    assert 1 == said.code
    assert "no continuation of what the witness saw" in said.err


def test_what_is_no_checkpoint_at_the_witness_is_told_of(tmp_path: Path) -> None:
    folder = tmp_path / "share"
    assert 0 == typed("checkpoint", "witness", folder).code
    (kept,) = folder.rglob("*.checkpoint")
    kept.write_bytes(b"\xff")

    assert "no checkpoint" in typed("checkpoint", "witness", folder).err


# --- time stamps ------------------------------------------------------------------------------


def authority(folder: Path) -> Path:
    """A time stamp authority of openssl's, with a root certificate of its own."""
    folder.mkdir()
    (folder / "tsa.cnf").write_text(
        "[tsa]\ndefault_tsa = one\n[one]\nserial = serial\ncrypto_device = builtin\n"
        "signer_cert = tsa.pem\nsigner_key = tsa.key\nsigner_digest = sha256\n"
        "default_policy = 1.2.3.4\ndigests = sha256, sha512\naccuracy = secs:1\n"
        "ordering = yes\ntsa_name = yes\ness_cert_id_chain = no\ness_cert_id_alg = sha256\n"
    )
    (folder / "serial").write_text("01\n")
    (folder / "ext.cnf").write_text(
        "extendedKeyUsage = critical,timeStamping\nkeyUsage = critical,digitalSignature\n"
    )
    root = "basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign"
    new = "-newkey rsa:2048 -nodes"
    signed = "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile ext.cnf"
    openssl(folder, f"req -x509 {new} -keyout ca.key -out ca.pem -subj /CN=Root -addext {root}")
    openssl(folder, f"req {new} -keyout tsa.key -out tsa.csr -subj /CN=Authority")
    openssl(folder, f"{signed} -out tsa.pem")
    return folder


def openssl(folder: Path, command: str) -> None:
    subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_a_time_stamp_is_asked_for_checked_and_kept(tmp_path: Path) -> None:
    pytest.importorskip("rfc3161_client")
    folder = authority(tmp_path / "authority")
    request, reply = folder / "request.tsq", folder / "reply.tsr"
    assert 0 == typed("checkpoint", "timestamp", "--request", request).code
    openssl(folder, "ts -reply -config tsa.cnf -queryfile request.tsq -out reply.tsr")
    certificate = folder / "ca.pem"
    said = typed("checkpoint", "timestamp", "--reply", reply, "--certificate", certificate)

    assert 0 == said.code, said.err
    assert "the authority saw the checkpoint" in said.err
    assert "rfc3161" in typed("checkpoint", "list", "--format", "table").out
    reply.write_bytes(reply.read_bytes()[:-40])
    again = typed("checkpoint", "timestamp", "--reply", reply, "--certificate", certificate)
    assert (1, True) == (again.code, "not kept" in again.err)
    other = authority(tmp_path / "other") / "ca.pem"
    openssl(folder, "ts -reply -config tsa.cnf -queryfile request.tsq -out again.tsr")
    foreign = typed(
        "checkpoint", "timestamp", "--reply", folder / "again.tsr", "--certificate", other
    )
    assert (1, True) == (foreign.code, "not kept" in foreign.err)


def test_request_and_reply_are_two_things() -> None:
    assert 2 == typed("checkpoint", "timestamp").code
    assert 2 == typed("checkpoint", "timestamp", "--reply", "x").code
