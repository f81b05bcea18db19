"""Each thing that is tampered with: how it is changed, how it is examined, and whether it is still the same."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from ledger import verify
from tests.tampering.mutating import mutated
from tests.tampering.samples import ACCOUNT, Samples, typed_in


class Outcome(NamedTuple):
    """What became of one change."""

    kind: str
    """How it was changed."""
    by: tuple[str, ...]
    """The checks that found it; none where it was verified."""
    same: bool
    """True where all that is in it is as it was, seen by other means."""
    words: str = ""
    """What was said, or how the verifier broke."""

    @property
    def missed(self) -> bool:
        """True for the one thing that must not be."""
        return not self.by and not self.same


class Target:
    """A thing in a folder of this process's own."""

    name: str
    share: int
    """Of a hundred changes."""

    def __init__(self, samples: Samples, folder: Path) -> None:
        self.samples = samples
        self.folder = folder

    @property
    def size(self) -> int:
        """Bytes that can be flipped, each in its turn."""
        raise NotImplementedError

    def tried(self, number: int) -> Outcome:
        """Change it in the way of that number, and examine it."""
        raise NotImplementedError


def found_by(report: verify.Report) -> tuple[str, ...]:
    """The checks that found something."""
    return tuple(check.name for check in report.checks if not check.ok)


def _outcome(kind: str, report: verify.Report, same: bool) -> Outcome:
    return Outcome(kind, found_by(report), same, "; ".join(report.problems))


# --- .zip files -------------------------------------------------------------------------------


def _zip_content(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as read:
            return {name: read.read(name) for name in read.namelist()}
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError):
        return {}


class Zipped(Target):
    """A pack as a .zip, its bytes changed, or packed anew with something changed in it."""

    def __init__(self, samples: Samples, folder: Path) -> None:
        super().__init__(samples, folder)
        self.data = samples.file(self.name).read_bytes()
        self.content = _zip_content(samples.file(self.name))
        self.path = folder / self.name

    @property
    def size(self) -> int:
        return len(self.data)

    def tried(self, number: int) -> Outcome:
        dice = random.Random(f"{self.name} {number}")
        if number % 20 == 19:
            kind = self._packed_anew(dice)
        else:
            kind, data = mutated(self.data, number, dice)
            self.path.write_bytes(data)
        report = verify.verify_pack(self.path)
        return _outcome(kind, report, report.ok and _zip_content(self.path) == self.content)

    def _packed_anew(self, dice: random.Random) -> str:
        """Well made, so that no checksum of the .zip itself tells of it."""
        content = dict(self.content)
        name, other = dice.sample(sorted(content), 2)
        kind = dice.choice(("changed", "removed", "added", "swapped", "renamed"))
        if kind == "changed":
            _, content[name] = mutated(content[name], dice.randrange(10**6), dice)
        elif kind == "removed":
            del content[name]
        elif kind == "added":
            content[f"{name}-"] = content[other]
        elif kind == "swapped":
            content[name], content[other] = content[other], content[name]
        else:
            content[f"{name}-"] = content.pop(name)
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
            for member in content:
                made.writestr(member, content[member])
        return f"a file {kind}, packed anew"


class Export(Zipped):
    name, share = "export.zip", 14


class OrderExport(Zipped):
    name, share = "order.zip", 10


class Dossier(Zipped):
    name, share = "dossier.zip", 12


# --- folders ----------------------------------------------------------------------------------


def _folder_content(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


class Unpacked(Target):
    """A pack as a folder, one of its files changed, removed, added or exchanged."""

    def __init__(self, samples: Samples, folder: Path) -> None:
        super().__init__(samples, folder)
        self.path = folder / self.name
        shutil.copytree(samples.file(self.name), self.path)
        self.content = _folder_content(self.path)
        self.names = sorted(self.content)
        self.bytes = [(name, place) for name in self.names for place in (len(self.content[name]),)]

    @property
    def size(self) -> int:
        return sum(len(data) for data in self.content.values())

    def tried(self, number: int) -> Outcome:
        dice = random.Random(f"{self.name} {number}")
        with self._changed(number, dice) as kind:
            report = verify.verify_pack(self.path)
            return _outcome(kind, report, report.ok and _folder_content(self.path) == self.content)

    @contextlib.contextmanager
    def _changed(self, number: int, dice: random.Random) -> Iterator[str]:
        """Do harm to a file, and put it back."""
        name, other = dice.sample(self.names, 2)
        path, second = self.path / name, self.path / other
        kind = dice.choice(("removed", "added", "swapped", "a link")) if number % 20 == 19 else ""
        if kind == "removed":
            path.unlink()
        elif kind == "added":
            (self.path / "added").write_bytes(self.content[name])
        elif kind == "swapped":
            path.write_bytes(self.content[other])
            second.write_bytes(self.content[name])
        elif kind == "a link":
            path.unlink()
            path.symlink_to(second)
        else:
            # Files in turn, and the bytes of each in their turn.
            turn, place = divmod(number, len(self.names))
            path = self.path / self.names[place]
            kind, data = mutated(self.content[self.names[place]], turn, dice)
            path.write_bytes(data)
        yield kind if " " in kind else f"a file {kind}"
        (self.path / "added").unlink(missing_ok=True)
        for one in (path, second):
            if one.is_symlink():
                one.unlink()
            one.write_bytes(self.content[one.relative_to(self.path).as_posix()])


class ExportFolder(Unpacked):
    name, share = "export", 8


class DossierFolder(Unpacked):
    name, share = "dossier", 6


# --- single files -----------------------------------------------------------------------------


class Single(Target):
    """A proof or a checkpoint: whatever is changed in it is refused, as every byte of it counts."""

    def __init__(self, samples: Samples, folder: Path) -> None:
        super().__init__(samples, folder)
        self.data = samples.file(self.name).read_bytes()
        self.path = folder / self.name
        self.beside = samples.file(f"{self.name}.json")
        if self.beside.exists():
            shutil.copy(self.beside, folder)

    @property
    def size(self) -> int:
        return len(self.data)

    def tried(self, number: int) -> Outcome:
        kind, data = mutated(self.data, number, random.Random(f"{self.name} {number}"))
        self.path.write_bytes(data)
        report = verify.verify(self.path, keys=[self.samples.key])
        return _outcome(kind, report, report.ok and self._same(data))

    def _same(self, data: bytes) -> bool:
        return data == self.data


class EntryProof(Single):
    name, share = "entry.tlog-proof", 5


class LineOfProof(Single):
    """The entry's line beside its proof."""

    name, share = "entry.tlog-proof.json", 4

    def tried(self, number: int) -> Outcome:
        kind, data = mutated(self.data, number, random.Random(f"{self.name} {number}"))
        self.path.write_bytes(data)
        proof = self.samples.file("entry.tlog-proof")
        report = verify.verify(proof, self.path, [self.samples.key])
        # The line feed at its end is the file's, and not the line's.
        same = data.removesuffix(b"\n") == self.data.removesuffix(b"\n")
        return _outcome(kind, report, report.ok and same)


class SignedCheckpoint(Single):
    name, share = "checkpoint", 4


class _Told(Single):
    """One JSON object: blanks between its parts say nothing."""

    def _same(self, data: bytes) -> bool:
        import json

        return bool(json.loads(data) == json.loads(self.data))


class RowProof(_Told):
    name, share = "row.json", 5


class Growth(_Told):
    name, share = "growth.json", 4


# --- the home ---------------------------------------------------------------------------------


class Database(Target):
    """A database of the home, its bytes changed, examined by `returns-ledger verify`."""

    file: str

    def __init__(self, samples: Samples, folder: Path) -> None:
        super().__init__(samples, folder)
        self.home = folder / "home"
        self.account = self.home / "accounts" / ACCOUNT
        kept = samples.home / "accounts" / ACCOUNT
        self.files = {path.name: path.read_bytes() for path in kept.iterdir() if path.is_file()}
        self.data = self.files[self.file]
        shutil.copytree(samples.home, self.home)
        self.content = self._content()
        assert self.content, "the sample can be read"

    @property
    def size(self) -> int:
        return len(self.data)

    def tried(self, number: int) -> Outcome:
        kind, data = mutated(self.data, number, random.Random(f"{self.name} {number}"))
        for path in self.account.iterdir():
            if path.name not in self.files:
                path.unlink()
        for name, pristine in self.files.items():
            (self.account / name).write_bytes(data if name == self.file else pristine)
        same = self._content() == self.content
        said = typed_in(self.home, "verify", "--account", ACCOUNT, "--format", "ndjson")
        assert said.code in (0, 1), said.err
        rows = said.rows if said.out else []
        by = tuple(row["name"] for row in rows if not row["ok"])
        words = "; ".join(problem for row in rows for problem in row["problems"]) or said.err
        if said.code == 1 and not by:
            by = ("not opened",)
        assert "Traceback" not in said.err, said.err
        return Outcome(kind, by if said.code else (), same, words)

    def _content(self) -> Any:
        """All that counts, read by SQLite alone; nothing where it cannot be read."""
        try:
            name = f"file:{self.account / self.file}?mode=ro&immutable=1"
            with contextlib.closing(sqlite3.connect(name, uri=True)) as file:
                file.text_factory = bytes
                return [file.execute(asked).fetchall() for asked in self.asked]
        except (sqlite3.Error, UnicodeDecodeError):
            return None

    asked: tuple[str, ...]


def _unpacked(digest: bytes, size: object, sealed: object, packed: bytes) -> tuple[object, ...]:
    """An original; how large a sealed one was when it was delivered is known to who opens it."""
    return digest, size if sealed is None else None, sealed, zlib.decompress(packed)


class Log(Database):
    """The log: its entries, originals, tree and the tiles that proofs are made of."""

    name, share, file = "ledger.db", 21, "ledger.db"
    asked = (
        "SELECT * FROM entries ORDER BY position",
        "SELECT digest, size, sealed, content FROM originals ORDER BY digest",
        "SELECT * FROM tiles ORDER BY level, number",
        "SELECT * FROM head",
    )

    def _content(self) -> Any:
        """Originals unpacked: the last byte that they are packed to has bits that say nothing."""
        found = super()._content()
        if found is None:
            return None
        try:
            found[1] = [_unpacked(*row) for row in found[1]]
        except (zlib.error, TypeError):
            return None
        return found


class Checkpoints(Database):
    """What was signed of the log."""

    name, share, file = "checkpoints.db", 5, "checkpoints.db"
    asked = ("SELECT size, root, origin, note FROM checkpoints ORDER BY number",)


class Keys(Database):
    """The keys that sign; those of personal data are looked at when they are used."""

    name, share, file = "keys.db", 2, "keys.db"
    asked = ("SELECT name, vkey FROM signing_keys ORDER BY id",)


TARGETS: tuple[type[Target], ...] = (
    Log,
    Checkpoints,
    Keys,
    Export,
    ExportFolder,
    OrderExport,
    Dossier,
    DossierFolder,
    EntryProof,
    LineOfProof,
    RowProof,
    Growth,
    SignedCheckpoint,
)
assert sum(target.share for target in TARGETS) == 100, "shares of a hundred"


def fresh(target: type[Target], samples: Samples, folder: Path) -> Target:
    """The thing in a folder of its own."""
    place = folder / f"{target.__name__}-{os.getpid()}"
    place.mkdir()
    return target(samples, place)
