"""Where a pack is written: beside its place, and moved there when it is whole."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from ledger.errors import LedgerError

FIRST: Final = ("manifest.json", "manifest.note")
"""What stands before all else in a .zip."""
STORED: Final = frozenset(
    (".pdf", ".parquet", ".xlsx", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".zip", ".gz")
)
"""Compressed already: a .zip keeps it as it is."""
LEVEL: Final = 6
MODE: Final = 0o100644
BEGINNING: Final = (1980, 1, 1, 0, 0, 0)
"""The date of every file in a .zip: the wall clock would give other bytes each time."""
COPIED_AT_ONCE: Final = 1 << 20


class Written(msgspec.Struct, frozen=True, order=True):
    """One file of a pack, as its manifest tells it."""

    path: str
    bytes: int
    sha256: str


class Writing:
    """A file while it is written: it is counted and hashed on the way."""

    def __init__(self, file: int, path: str) -> None:
        self._file = os.fdopen(file, "wb")
        self._path = path
        self._bytes = 0
        self._digest = sha256()

    def write(self, data: bytes) -> int:
        """Add bytes to the end."""
        self._file.write(data)
        self._digest.update(data)
        self._bytes += len(data)
        return len(data)

    def close(self) -> Written:
        """Nothing more comes."""
        self._file.close()
        return Written(self._path, self._bytes, self._digest.hexdigest())

    def leave(self) -> None:
        """Nothing of it is wanted any more."""
        with contextlib.suppress(OSError):  # a full disk refuses what was still to be written
            self._file.close()


def folder_or_zip(output: Path) -> Target:
    """The place that a pack is written to; a name that ends in .zip is a file, any other a folder."""
    refuse_taken(output)
    return Target(output)


def refuse_taken(output: Path) -> None:
    """Nothing that exists is written over, and no folder is made on the way."""
    if os.path.lexists(output):
        raise LedgerError(
            "there is something of that name already, and nothing is written over",
            file=str(output),
            advice="Give another name, or move what is there out of the way.",
        )
    if not output.parent.is_dir():
        raise LedgerError(
            "the folder that it is to be written to does not exist",
            file=str(output.parent),
            advice="Make the folder, or give another name.",
        )


class Target:
    """A pack on its way to its place: all of it is there in the end, or nothing is."""

    def __init__(self, output: Path) -> None:
        self.output: Final = output
        self.is_zip: Final = output.suffix.lower() == ".zip"
        self.files: Final[dict[str, Written]] = {}
        with as_trouble(output):
            # Beside its place, so that moving it there is one step on every file system.
            made = tempfile.mkdtemp(prefix=f".{output.name}.", suffix=".part", dir=output.parent)
        self._folder = Path(made)

    # --- writing

    @contextlib.contextmanager
    def open(self, path: str) -> Iterator[Writing]:
        """A file of the pack, written piece by piece."""
        place = self._place(path)
        with as_trouble(self.output):
            descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            writing = Writing(descriptor, path)
            try:
                yield writing
                self.files[path] = writing.close()
            finally:
                writing.leave()

    @contextlib.contextmanager
    def place(self, path: str) -> Iterator[Path]:
        """A file of the pack that another library writes under the path given to it."""
        place = self._place(path)
        with as_trouble(self.output):
            yield place
            place.chmod(0o600)
            digest, size = sha256(), 0
            with place.open("rb") as file:
                while some := file.read(COPIED_AT_ONCE):
                    digest.update(some)
                    size += len(some)
            self.files[path] = Written(path, size, digest.hexdigest())

    def lies(self, path: str) -> Path:
        """Where a file that was written lies until the pack is moved to its place."""
        assert path in self.files, f"{path!r} was not written"
        return self._folder / path

    def _place(self, path: str) -> Path:
        parts = PurePosixPath(path)
        assert str(parts) == path, f"{path!r} is no plain path"
        assert not parts.is_absolute(), f"{path!r} leads out of the pack"
        assert ".." not in parts.parts, f"{path!r} leads out of the pack"
        assert path.casefold() not in map(str.casefold, self.files), f"{path!r} is there already"
        place = self._folder / path
        with as_trouble(self.output):
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return place

    # --- the end

    def finish(self) -> None:
        """Move the whole pack to its place."""
        with as_trouble(self.output):
            if self.is_zip:
                self._publish_zip()
            else:
                self._publish_folder()

    def discard(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _publish_folder(self) -> None:
        for name in self.files:
            _sync(self._folder / name)
        # A folder that somebody else has filled meanwhile is refused by the system.
        self._folder.rename(self.output)
        _sync(self.output.parent)

    def _publish_zip(self) -> None:
        beside = self._folder.with_suffix(".zip.part")
        try:
            descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w+b") as file:
                self._zip_into(file)
                file.flush()
                os.fsync(file.fileno())
            _move(beside, self.output)
        finally:
            beside.unlink(missing_ok=True)
        _sync(self.output.parent)
        self.discard()

    def _zip_into(self, file: object) -> None:
        with zipfile.ZipFile(file, "w") as made:  # type: ignore[call-overload]  # a file that is open
            for path in in_order(self.files):
                place = self._folder / path
                with place.open("rb") as read, made.open(zip_info(self.files[path]), "w") as write:
                    shutil.copyfileobj(read, write, COPIED_AT_ONCE)
                place.unlink()  # what is in the .zip needs no second room on the disk


def in_order(paths: Iterable[str]) -> list[str]:
    """Files as they follow each other in a .zip: the manifest, its signature, then by name."""
    names = sorted(paths)
    return [*(name for name in FIRST if name in names), *(n for n in names if n not in FIRST)]


def zip_info(written: Written) -> zipfile.ZipInfo:
    """What a .zip says of a file: nothing that another run or machine would say otherwise."""
    info = zipfile.ZipInfo(written.path, BEGINNING)
    info.create_system = 3  # Unix, whatever this runs on: else the mode would mean nothing
    info.external_attr = MODE << 16
    stored = PurePosixPath(written.path).suffix.lower() in STORED
    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    info._compresslevel = LEVEL  # type: ignore[attr-defined]  # its public name came with Python 3.13
    info.file_size = written.bytes
    return info


def _move(beside: Path, output: Path) -> None:
    """Give the file its name, unless somebody else has taken that meanwhile."""
    try:
        output.hardlink_to(beside)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(output):
            raise FileExistsError(f"{output} was made meanwhile") from None
        beside.rename(output)


def _sync(path: Path) -> None:
    """Have the system write it down, so that what was said to be there survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def as_trouble(output: Path) -> Iterator[None]:
    """What the system has against it is something the user can put right."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        why = getattr(error, "strerror", None) or error
        raise LedgerError(
            f"it cannot be written, and nothing was: {why}",
            file=str(output),
            advice="Make room on the disk, or choose a folder that you may write to.",
        ) from error
