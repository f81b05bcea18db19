"""Reads a pack back: only one that was verified, and that holds a whole log."""

from __future__ import annotations

import base64
import contextlib
import zipfile
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import IO, Final

import msgspec

from cli.packs.viewing import Viewed
from ledger import verify
from ledger.delivery import BYTES_MAX
from ledger.errors import LedgerError, UnreadableFile
from ledger.store import Kept
from ledger.verify import TEXT_MAX


class Told(msgspec.Struct, frozen=True):
    """The log that a pack is of."""

    origin: str
    size: int
    root: str


class Manifest(msgspec.Struct, frozen=True):
    """What a pack says of itself, as far as it is needed to make a log of it."""

    kind: str
    account: str
    complete: bool
    log: Told
    views: dict[str, Viewed] = {}


class _Original(msgspec.Struct, frozen=True):
    digest: str
    bytes: int
    sealed: str | None


class _Named(msgspec.Struct, frozen=True):
    """Of an event, the files that it names."""

    digest: str | None = None
    own: str | None = None
    shipped: str | None = None


class _Body(msgspec.Struct, frozen=True):
    event: _Named


class _Line(msgspec.Struct, frozen=True):
    topic: str
    body: _Body


NAMING: Final = (b'"report-imported.v1"', b'"evidence-attached.v1"', b'"rulebook-adopted.v1"')


class ReadPack:
    """A pack whose every byte was checked, open to be read."""

    def __init__(self, path: Path, opened: zipfile.ZipFile | None) -> None:
        self.path: Final = path
        self._zip = opened
        self.names: Final = frozenset(self._names())
        with _as_trouble(path):
            self.manifest: Final = msgspec.json.decode(self.read("manifest.json"), type=Manifest)

    def _names(self) -> Iterable[str]:
        if self._zip is not None:
            return self._zip.namelist()
        found = (path for path in self.path.rglob("*") if path.is_file())
        return [path.relative_to(self.path).as_posix() for path in found]

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A file of the pack, to be read piece by piece."""
        with _as_trouble(self.path):
            opened = (self.path / name).open("rb") if self._zip is None else self._zip.open(name)
            with opened as file:
                yield file

    def read(self, name: str, limit: int = TEXT_MAX) -> bytes:
        """A file of the pack, whole."""
        with self.open(name) as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise UnreadableFile(
                f"{name} is larger than anything that is kept",
                file=str(self.path),
                advice="Nothing was changed. Ask whoever made it what it is.",
            )
        return data

    def lines(self, name: str = "entries.ndjson") -> Iterator[bytes]:
        """Its lines, without their line feeds."""
        with self.open(name) as file:
            for line in file:
                yield line.removesuffix(b"\n")

    @property
    def root(self) -> bytes:
        """The root that was signed."""
        return base64.b64decode(self.manifest.log.root)

    def originals(self) -> Iterator[tuple[Kept, bytes]]:
        """The files as they are kept, each checked once more."""
        for told in self._listed():
            data = self.read(f"originals/{told.digest}", BYTES_MAX)
            if sha256(data).hexdigest() != (told.sealed or told.digest):
                raise UnreadableFile(
                    f"the original {told.digest} was changed while it was read",
                    file=str(self.path),
                    advice="Take another copy of it.",
                )
            yield Kept(told.digest, told.bytes, told.sealed), data

    def _listed(self) -> Iterator[_Original]:
        decode = msgspec.json.Decoder(_Original).decode
        if "originals.ndjson" in self.names:
            with _as_trouble(self.path):
                yield from map(decode, self.lines("originals.ndjson"))

    def missing(self) -> list[str]:
        """The files that its entries name and it does not have, or has and does not list."""
        decode = msgspec.json.Decoder(_Line).decode
        named: set[str] = set()
        with _as_trouble(self.path):
            for raw in self.lines():
                if any(topic in raw for topic in NAMING):
                    event = decode(raw).body.event
                    named.update(filter(None, (event.digest, event.own, event.shipped)))
        return sorted(named - {told.digest for told in self._listed()})


@contextlib.contextmanager
def opened(path: Path, keys: Iterable[str] = ()) -> Iterator[ReadPack]:
    """A pack that holds a whole log, verified; raises LedgerError where it is not that."""
    report = verify.verify_pack(path, list(keys))
    if not report.ok:
        problems = report.problems or ["nothing could be checked"]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise UnreadableFile(
            f"it cannot be trusted: {problems[0]}{more}",
            file=str(path),
            advice=f"Nothing was changed. Take another copy; `returns-ledger verify {path}` "
            "says all that is wrong.",
        )
    with contextlib.ExitStack() as stack:
        archive = None if path.is_dir() else stack.enter_context(zipfile.ZipFile(path))
        pack = ReadPack(path, archive)
        _expect_whole(pack)
        yield pack


def _expect_whole(pack: ReadPack) -> None:
    if not pack.manifest.complete:
        raise LedgerError(
            "it holds some of the entries of a log, and no log can be made of those",
            file=str(pack.path),
            advice="Ask for `returns-ledger export --all`, or for a backup.",
        )
    missing = pack.missing()
    if missing:
        raise LedgerError(
            f"{len(missing):,} of the files that its entries name are not in it: {missing[0]}"
            + (" and others" if len(missing) > 1 else ""),
            file=str(pack.path),
            advice="Ask for `returns-ledger export --all --originals all`, or for a backup.",
        )


@contextlib.contextmanager
def _as_trouble(path: Path) -> Iterator[None]:
    """What the system or the .zip has against it, or what it says where something else should stand."""
    try:
        yield
    except (OSError, zipfile.BadZipFile, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableFile(
            f"it cannot be read: {error}", file=str(path), advice="Take another copy of it."
        ) from error
