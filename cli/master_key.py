"""The master key, under which every other key lies: from the environment, the keyring or a file of its own."""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Final

from cli.workspace import make_private_folder
from ledger.errors import LedgerError, StoreTrouble

ENVIRONMENT: Final = "RETURNS_LEDGER_MASTER_KEY"
FILE: Final = "master.key"
KEY_BYTES: Final = 32
SERVICE: Final = "returns-ledger"
"""Under this name the keyring keeps it; the user's name is the folder's path."""


def master_key(folder: Path, *, in_keyring: bool) -> bytes:
    """The master key of the keys in a folder; one is drawn where there is none yet."""
    if told := os.environ.get(ENVIRONMENT):
        return _understood(told, ENVIRONMENT)
    if in_keyring:
        return _from_keyring(str(folder.absolute()))
    return _from_file(folder)


def _understood(told: str, where: str) -> bytes:
    """32 bytes, written in hexadecimal or in base64; what was found is not repeated."""
    text = told.strip()
    for read in (bytes.fromhex, lambda one: base64.b64decode(one, validate=True)):
        with contextlib.suppress(ValueError, binascii.Error):
            key = read(text.replace("-", "+").replace("_", "/"))
            if len(key) == KEY_BYTES:
                return key
    raise LedgerError(
        "this is no master key: it is 32 bytes in base64 or in hexadecimal",
        file=where,
        advice="Make one with `openssl rand -base64 32`, and keep a copy of it: without it nothing "
        "that is sealed can be opened.",
    )


# --- in a file --------------------------------------------------------------------------------


def _from_file(folder: Path) -> bytes:
    path = folder / FILE
    try:
        if not path.exists():
            make_private_folder(folder)
            _draw(path)
        _refuse_open(path)
        return _understood(path.read_text(encoding="ascii", errors="replace"), str(path))
    except OSError as error:
        raise StoreTrouble(
            f"the master key cannot be read: {error.strerror}",
            file=str(path),
            advice="Make sure that you own the file and may read it.",
        ) from error


def _draw(path: Path) -> None:
    """A new key, written whole before it gets its name: two processes cannot draw two."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{FILE}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink()


def _refuse_open(path: Path) -> None:
    """Whoever can read it can open everything."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise StoreTrouble(
            f"others may read or change the master key (mode {mode:04o})",
            file=str(path),
            advice=f"Keep it for yourself: `chmod 600 '{path}'`. Where somebody may have read it, "
            "what it seals counts as open to them.",
        )


# --- in the keyring ---------------------------------------------------------------------------


def _from_keyring(user: str) -> bytes:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ModuleNotFoundError as error:
        raise StoreTrouble(
            "the master key is said to be in the keyring, and there is no way to it",
            advice="Run `pip install returns-ledger[keyring]`, or leave `master_key` out of config.toml.",
        ) from error
    try:
        told = keyring.get_password(SERVICE, user)
        if told is None:
            drawn = base64.b64encode(os.urandom(KEY_BYTES)).decode("ascii")
            keyring.set_password(SERVICE, user, drawn)
            told = keyring.get_password(SERVICE, user) or drawn
    except KeyringError as error:
        raise StoreTrouble(
            f"the keyring cannot be used: {error}",
            advice="Unlock it, or leave `master_key` out of config.toml to keep the key in a file.",
        ) from error
    return _understood(told, "the keyring")
