"""Writes a pack: entries, originals and proofs under a signed manifest, and what it takes to verify them."""

from __future__ import annotations

import base64
import contextlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from importlib.resources import files
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from cli import VERSION
from cli.packs.naming import Naming
from cli.packs.readme import readme
from cli.packs.target import Target, Writing, Written, folder_or_zip
from ledger.errors import LedgerError, StoreTrouble
from ledger.sealing import is_sealed_whole
from ledger.store import BadNote, Tree, leaf_hash, leaf_hashes
from ledger.store import Checkpoint as ReadCheckpoint
from ledger.values import Money
from ledger.verify import Refused, expect_signed, key_of, note_of, root_by_inclusion

if TYPE_CHECKING:
    from ledger.store import Checkpoint, Kept, Log, Notary

Kind = Literal["export", "dossier", "backup"]

SCHEMA: Final = "returns-ledger/pack/1"
SIGNED_AS: Final = "returns-ledger.manifest/1"
"""The first line of the text that is signed for a manifest: no other signature can stand for it."""
PROVED_AT_ONCE: Final = 500


class Pack:
    """A pack while it is written; it is moved to its place when the block ends, and only then.

    `position` is where the log stands for this pack, by default where it stands now: what others append
    meanwhile is not in it.
    """

    def __init__(
        self,
        *,
        kind: Kind,
        log: Log,
        notary: Notary,
        question: Mapping[str, Any],
        output: Path,
        account: str | None = None,
        until: int | None = None,
    ) -> None:
        if not log.may_read_originals():
            raise StoreTrouble(
                "permission denied: this user may not open the files that are kept, and a pack holds them",
                file=f"account {log.account}",
                advice="Ask for a reader's role, `returns-ledger db grant --role reader`; or hand out what needs "
                "no file: `export --jsonl`, `prove entry`, `checkpoint make`.",
            )
        self.kind: Final = kind
        self.log: Final = log
        self.notary: Final = notary
        self.account: Final = account or log.account
        self.question: Final = dict(question)
        self.output: Final = output
        self.checkpoint: Final[Checkpoint] = _signed(log, notary, kind, until)
        self.position: Final[int] = self.checkpoint.size
        self.naming: Final = Naming(log, self.position)
        self.counts: Final[dict[str, int]] = {"entries": 0, "originals": 0}
        self.manifest: bytes = b""
        """The manifest's bytes, once the pack is whole."""
        self._complete = False
        self._positions: set[int] = set()
        self._rows: dict[tuple[str, int], dict[str, Any]] = {}
        self._whole: dict[str, bool] = {}
        self._originals: dict[str, dict[str, Any]] = {}
        self._consistency: dict[str, Any] | None = None
        self._told: dict[str, Any] = {}
        self._target: Target | None = None

    def __enter__(self) -> Pack:
        self._target = folder_or_zip(self.output)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        target = self._there
        try:
            if kind is None:
                self._finish()
                target.finish()
        finally:
            target.discard()

    @property
    def _there(self) -> Target:
        assert self._target is not None, "a pack is written inside its with block"
        return self._target

    # --- what is in it

    def add(self, path: str, data: bytes) -> None:
        """A file, whole."""
        with self.open(path) as file:
            file.write(data)

    def open(self, path: str) -> contextlib.AbstractContextManager[Writing]:
        """A file, written piece by piece: `with pack.open("views/x.csv") as file: file.write(...)`."""
        return self._there.open(path)

    def place(self, path: str) -> contextlib.AbstractContextManager[Path]:
        """A file that another library writes, under the path that it is given."""
        return self._there.place(path)

    def has(self, path: str) -> bool:
        """True for a file that was written already."""
        return path in self._there.files

    def entries(self, positions: Iterable[int] | None = None) -> None:
        """These entries with their proofs; None for every one, and then the tree is its own proof."""
        if positions is None:
            self._complete = True
        else:
            self._positions.update(positions)

    def original(self, digest: str) -> None:
        """A file as it is kept, what is personal in it sealed, and the entries that name it."""
        path = f"originals/{digest}"
        if self.has(path):
            return
        self.entries(self.naming.positions(digest))
        self.add(path, self.log.kept(digest))
        kept = self._kept[digest]
        self._originals[digest] = {"digest": digest, "bytes": kept.size, "sealed": kept.sealed}
        self.counts["originals"] += 1

    @cached_property
    def _kept(self) -> dict[str, Kept]:
        return {kept.digest: kept for kept in self.log.originals_kept()}

    def _is_sealed_whole(self, digest: str) -> bool:
        """True for a file that is one token; each is looked at once, and of those only of which rows are shown."""
        known = self._whole.get(digest)
        if known is None:
            kept = self._kept.get(digest)
            known = bool(kept and kept.sealed) and is_sealed_whole(self.log.kept(digest))
            self._whole[digest] = known
        return known

    def every_original(self) -> None:
        """All files that the entries of this pack's log name, as far as they are kept."""
        for digest in self.naming.digests():
            if digest in self._kept:
                self.original(digest)

    def tell(self, name: str, what: object) -> None:
        """Something more for the manifest to say, under a name of its own."""
        assert name not in self._manifest([]), f"the manifest tells {name!r} already"
        self._told[name] = what

    @property
    def complete(self) -> bool:
        """True where every entry of the log is in it."""
        return self._complete

    @property
    def files(self) -> int:
        """How many files it has."""
        return len(self._there.files)

    def file(self, path: str) -> Written:
        """Size and SHA-256 of a file that was written."""
        return self._there.files[path]

    def written(self, path: str) -> Path:
        """Where a file of the pack lies until the pack is whole, to be read again."""
        return self._there.lies(path)

    def row(self, digest: str, row: int) -> None:
        """The proof that a row is in an original, which itself need not be there.

        Of a file that is sealed as a whole there is no row to be shown: it stands for itself.
        """
        if (digest, row) in self._rows:
            return
        if self._is_sealed_whole(digest):
            self.original(digest)
            return
        proof = self.log.row_proof(digest, row)
        self.entries([proof.position])
        self._rows[digest, row] = {
            "digest": digest,
            "position": proof.position,
            "row": row,
            "index": proof.index,
            "lines": proof.lines,
            "line": _text(proof.line),
            "hashes": [_text(one) for one in proof.hashes],
        }

    def rulebook(self, digest: str) -> None:
        """A rulebook, and the entries by which it was adopted."""
        path = f"rulebook/{digest}.json"
        if not self.has(path):
            self.entries(self.naming.positions(digest))
            self.add(path, self.log.original(digest))

    def goes_on_from(self, earlier: Checkpoint) -> bool:
        """True where an earlier checkpoint's tree is the beginning of this one's."""
        if earlier.origin != self.notary.origin or not 0 < earlier.size <= self.position:
            return False
        return self.log.root_at(earlier.size) == earlier.root

    def consistency(self, note: str) -> None:
        """The proof that an earlier checkpoint's tree is the beginning of this one's."""
        earlier = self._signed_here(note)
        if not 0 < earlier.size <= self.position:
            raise LedgerError(
                f"the checkpoint is of {earlier.size:,} entries, and the log has {self.position:,}",
                advice="Give an earlier one; if it is your newest, an older backup was put back.",
            )
        if not self.goes_on_from(earlier):
            raise StoreTrouble(
                "the log is no continuation of the checkpoint: entries were changed since, or lost",
                advice="Keep both, and see what `returns-ledger check` says.",
            )
        hashes = self.log.consistency(earlier.size, self.position)
        self._consistency = {"from": note, "hashes": [_text(one) for one in hashes]}

    def _signed_here(self, note: str) -> Checkpoint:
        """The checkpoint that a note tells; raises LedgerError where this log's keys did not sign it."""
        try:
            earlier = ReadCheckpoint.read(note)
            told = note_of(note.encode())
        except (BadNote, Refused) as error:
            raise LedgerError(
                "this is no checkpoint of a log",
                advice="It is a file that `returns-ledger checkpoint make -o FILE` writes.",
            ) from error
        if earlier.origin != self.notary.origin:
            raise LedgerError(
                "the checkpoint is of another log",
                found=earlier.origin,
                advice=f"Give one that begins with {self.notary.origin}.",
            )
        for key in map(key_of, self.notary.vkeys()):
            with contextlib.suppress(Refused):
                expect_signed(told, key, "the checkpoint")
                return earlier
        raise LedgerError(
            "none of this log's keys has signed the checkpoint",
            advice="It was changed, or made up: take the one that you were given.",
        )

    # --- the end

    def _finish(self) -> None:
        target = self._there
        self.entries(self.naming.for_everybody())
        self._write_entries()
        if self._rows:
            self.counts["rows"] = len(self._rows)
            self._write_lines("rows.ndjson", (self._rows[key] for key in sorted(self._rows)))
        if self._originals:
            told = (self._originals[digest] for digest in sorted(self._originals))
            self._write_lines("originals.ndjson", told)
        if self._consistency is not None:
            self.add("consistency.json", as_json(self._consistency))
        self.add("checkpoint", self.checkpoint.note.encode())
        keys = self.notary.keys_at(self.log, self.position)
        self.add("keys.txt", "".join(f"{key}\n" for key in keys).encode())
        verifier = files("ledger").joinpath("verify.py")
        if verifier.is_file():
            self.add("verify.py", verifier.read_bytes())
        self.add("README.txt", self._readme(keys[-1]).encode())
        self.manifest = as_json(self._manifest(sorted(target.files.values())))
        self.add("manifest.json", self.manifest)
        digest = sha256(self.manifest).hexdigest()
        signed = self.notary.sign(f"{SIGNED_AS}\n{self.notary.origin}\n{digest}\n", keys[-1])
        self.add("manifest.note", signed.encode())

    def _readme(self, vkey: str) -> str:
        return readme(self.kind, vkey, by_a_reader=not self.log.may_append())

    def _manifest(self, written: list[Any]) -> dict[str, Any]:
        return {
            **self._told,
            "schema": SCHEMA,
            "kind": self.kind,
            "tool": {"name": "returns-ledger", "version": VERSION},
            "account": self.account,
            "question": self.question,
            "log": {
                "origin": self.notary.origin,
                "size": self.position,
                "root": _text(self.checkpoint.root),
            },
            "complete": self._complete,
            "counts": self.counts,
            "control_totals": list(self.control_totals()),
            "files": [msgspec.structs.asdict(one) for one in written],
        }

    def control_totals(self) -> Iterator[dict[str, str]]:
        """What the imported files among the entries sum to: a file told twice counts once."""
        sums: defaultdict[tuple[str, str], int] = defaultdict(int)
        for told in self.naming.imports(None if self._complete else self._positions):
            for total in told.totals:
                sums[told.report_format, total.currency] += total.minor
        for (report_format, currency), minor in sorted(sums.items()):
            amount = Money(minor, currency).text
            yield {"report_format": report_format, "currency": currency, "amount": amount}

    # --- entries

    def _write_entries(self) -> None:
        """Nothing is handed out that its checkpoint does not prove: what is damaged is found here."""
        if self._complete:
            self._write_every_entry()
        else:
            self._write_some_entries()

    def _write_some_entries(self) -> None:
        assert all(0 < one <= self.position for one in self._positions), "an entry of another time"
        positions = sorted(self._positions)
        self.counts["entries"] = len(positions)
        encode = msgspec.json.Encoder().encode
        with self.open("entries.ndjson") as entries, self.open("proofs.ndjson") as proofs:
            for some in _chunked(positions):
                lines = self.log.lines_at(some)
                for position in some:
                    line = lines.get(position, b"")
                    hashes = self.log.inclusion(position, self.position)
                    self._expect_proved(position, line, hashes)
                    entries.write(line + b"\n")
                    told = {"position": position, "hashes": [_text(one) for one in hashes]}
                    proofs.write(encode(told) + b"\n")

    def _expect_proved(self, position: int, line: bytes, hashes: list[bytes]) -> None:
        reached = root_by_inclusion(leaf_hash(line), position - 1, self.position, hashes)
        if reached != self.checkpoint.root:
            raise _damaged(f"entry {position:,} is not the one that was signed")

    def _write_every_entry(self) -> None:
        tree = Tree()
        with self.open("entries.ndjson") as file:
            lines = self.log.raw_lines(until=self.position)
            while some := list(islice(lines, PROVED_AT_ONCE)):
                file.write(b"\n".join(some) + b"\n")
                tree.extend(leaf_hashes(some))
        if (tree.size, tree.root) != (self.position, self.checkpoint.root):
            raise _damaged("its entries do not make the tree that was signed")
        self.counts["entries"] = tree.size

    def _write_lines(self, path: str, things: Iterable[dict[str, Any]]) -> None:
        encode = msgspec.json.Encoder().encode
        with self.open(path) as file:
            for thing in things:
                file.write(encode(thing) + b"\n")


def _signed(log: Log, notary: Notary, kind: Kind, until: int | None) -> Checkpoint:
    """The log as it stands, or as it stood at an entry; what is exported is remembered as that."""
    if until is None or until >= log.position():
        return notary.checkpoint(log, "export" if kind == "export" else "command")
    return notary.at(log, until)


def _damaged(what: str) -> StoreTrouble:
    return StoreTrouble(
        f"the log is damaged: {what}; nothing was written",
        advice="`returns-ledger check` says where. Keep the store as it is, and restore a backup.",
    )


def as_json(thing: object) -> bytes:
    """JSON for people and for digests: sorted keys, two blanks of indent, a line feed at the end."""
    sorted_keys = msgspec.json.encode(thing, order="sorted")
    return msgspec.json.format(sorted_keys, indent=2) + b"\n"


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _chunked(positions: Collection[int]) -> Iterator[list[int]]:
    listed = list(positions)
    for start in range(0, len(listed), PROVED_AT_ONCE):
        yield listed[start : start + PROVED_AT_ONCE]
