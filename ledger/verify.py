"""Checks what a returns ledger handed out, on any machine, without the program that wrote it.

    python3 verify.py PACK [--key VKEY] [--checkpoint FILE] [--json]   an export, a dossier, a backup
    python3 verify.py LINES [CHECKPOINT] --key VKEY                    what `export --jsonl` wrote
    python3 verify.py PROOF [ENTRYFILE] --key VKEY                     one .tlog-proof and its entry
    python3 verify.py ROW|GROWTH --key VKEY                            what `prove row|growth` wrote
    python3 verify.py CHECKPOINT --key VKEY                            one signed checkpoint
    python3 verify.py CHECKPOINT CONSISTENCY --key VKEY                it continues an earlier one

One file, Python 3.9 or newer, nothing but the standard library, no network. It ends 0 with lines that
begin with VERIFIED, or 1 with a line that begins with REFUSED. The formats are public: RFC 8032
(Ed25519), RFC 6962 (the hash tree), and C2SP's signed-note, tlog-checkpoint and tlog-proof.

The parts, in this order: what is said, Ed25519, the hash tree, signed notes and keys, JSON, folders
and .zip files, the checks of a pack, single files, the command line.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import csv
import io
import json
import os
import re
import stat
import struct
import sys
import unicodedata
import zipfile
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256, sha512
from operator import itemgetter
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

TEXT_MAX = 64 << 20
"""The largest manifest, note, proof or line that is read at once."""
UNPACKED_MAX = 1 << 37
"""The most that a .zip may say it unpacks to."""
FILES_MAX = 1_000_000
NAME_MAX = 1024
DEFLATE_MAX = 1032
"""Deflate cannot pack tighter than this; who says so has something else in mind."""
REPORT_MAX = 2 << 30
"""The most that a packed report may unpack to."""
PROBLEMS_MAX = 20
"""As many problems as one check lists; the rest are counted."""
READ_AT_ONCE = 1 << 20
COLUMNS_MAX = 100
WORDS_MAX = 100
"""Every word is looked for in every byte of a report."""
SIGNATURES_MAX = 100
"""As many as other readers of signed notes take; each takes milliseconds."""
DIGITS_MAX = 40
"""Older Pythons take hours to read a number of a million digits."""


# --- what is said ------------------------------------------------------------------------------


class Refused(Exception):
    """What does not hold, in words."""


DAMAGE = (
    Refused,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    EOFError,
    csv.Error,
    zlib.error,
    struct.error,
    zipfile.BadZipFile,
)
"""Whatever damaged bytes can lead to: it is told as a problem, and never ends the verification."""


class Check:
    """One thing that was checked: how many of it, and what does not hold."""

    def __init__(self, name: str, meaning: str) -> None:
        self.name = name
        self.meaning = meaning
        self.checked = 0
        self.problems: list[str] = []
        self._unlisted = 0

    def found(self, problem: str) -> None:
        """Take down what does not hold."""
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(plain(problem))
            return
        if self._unlisted:
            self.problems.pop()
        self._unlisted += 1
        self.problems.append(f"and {self._unlisted} more")

    @property
    def ok(self) -> bool:
        """True where everything holds."""
        return not self.problems

    def __enter__(self) -> Check:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        """What is raised while it is made is a problem that it found."""
        if isinstance(error, DAMAGE):
            self.found(_words(error))
            return True
        return False


class Report:
    """All that was checked, and what could not be."""

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.unchecked: list[str] = []
        """What no verifier can know from these bytes, for a person to look at."""
        self.about: dict[str, Any] = {}
        """What was verified: kind, account, origin, size, root, keys."""

    def check(self, name: str, meaning: str) -> Check:
        """A check that is about to be made, in a `with` block."""
        self.checks.append(Check(name, meaning))
        return self.checks[-1]

    @property
    def ok(self) -> bool:
        """True where every check holds."""
        return bool(self.checks) and all(check.ok for check in self.checks)

    @property
    def problems(self) -> list[str]:
        """What does not hold, each with the check that found it."""
        return [f"{check.name}: {problem}" for check in self.checks for problem in check.problems]

    def as_json(self) -> dict[str, Any]:
        """The same for a program."""
        checks = [
            {
                "name": c.name,
                "ok": c.ok,
                "checked": c.checked,
                "meaning": c.meaning,
                "problems": c.problems,
            }
            for c in self.checks
        ]
        return {
            "ok": self.ok,
            "about": self.about,
            "checks": checks,
            "not_checked": self.unchecked,
        }


def _words(error: BaseException) -> str:
    if isinstance(error, Refused):
        return str(error)
    return f"cannot be read ({type(error).__name__}: {error})"


def plain(text: str, width: int = 300) -> str:
    """A text from a file that is not trusted, safe to print: one line, no control characters."""
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text[: width + 1])
    return shown if len(text) <= width else shown[:width] + "..."


# --- Ed25519 signatures (RFC 8032, section 5.1) -------------------------------------------------

Point = tuple[int, int, int, int]
"""X, Y, Z, T with x = X/Z, y = Y/Z, x * y = T/Z."""

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL: Point = (0, 1, 1, 0)


def _add(one: Point, other: Point) -> Point:
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a = (y1 - x1) * (y2 - x2) % P
    b = (y1 + x1) * (y2 + x2) % P
    c = 2 * t1 * t2 * D % P
    d = 2 * z1 * z2
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _point(encoded: bytes) -> Point | None:
    """The point that 32 bytes stand for; None where they are not the one way to write a point."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * SQRT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def _encoded(point: Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, P - 2, P)
    x, y = x * inverse % P, y * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _multiples(point: Point) -> list[list[Point]]:
    """0 to 15 times 16**n times the point: with them a multiplication is 64 additions."""
    rows = []
    for _ in range(64):
        row = [NEUTRAL]
        for _ in range(15):
            row.append(_add(row[-1], point))
        rows.append(row)
        point = _add(row[-1], point)
    return rows


def _times(number: int, multiples: list[list[Point]]) -> Point:
    total = NEUTRAL
    for row in multiples:
        total = _add(total, row[number & 15])
        number >>= 4
    return total


@lru_cache(maxsize=1)
def _multiples_of_base() -> list[list[Point]]:
    base = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    assert base is not None, "the base point is a point"
    return _multiples(base)


@lru_cache(maxsize=32)
def _multiples_of_key(public: bytes) -> list[list[Point]] | None:
    """Of the key's point, negated; None for what is no key, or one that would sign anything."""
    point = _point(public)
    if point is None:
        return None
    x, y, z, t = point
    multiples = _multiples((P - x, y, z, P - t))
    is_small = multiples[0][8][0] == 0 and multiples[0][8][1] == multiples[0][8][2]
    return None if is_small else multiples


@lru_cache(maxsize=256)
def signature_holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """True where the owner of the key has signed the message: strictly, without the cofactor."""
    if len(public) != 32 or len(signature) != 64:
        return False
    number = int.from_bytes(signature[32:], "little")
    key = _multiples_of_key(public)
    if key is None or number >= L:
        return False
    challenge = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % L
    expected = _add(_times(number, _multiples_of_base()), _times(challenge, key))
    return _encoded(expected) == signature[:32]


# --- the hash tree (RFC 6962, section 2.1) -------------------------------------------------------


def leaf_hash(line: bytes) -> bytes:
    """The leaf of a line."""
    return sha256(b"\x00" + line).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The node above two others."""
    return sha256(b"\x01" + left + right).digest()


TILE = 256
"""Leaves that are hashed together."""


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over as many hashes as a power of two."""
    while len(hashes) > 1:
        pairs = range(0, len(hashes), 2)
        hashes = [sha256(b"\x01" + hashes[at] + hashes[at + 1]).digest() for at in pairs]
    return hashes[0]


class Tree:
    """Grows leaf by leaf and remembers only the roots of its perfect subtrees, largest first."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []
        """Of the subtrees of 256 leaves and more."""
        self._leaves: list[bytes] = []
        """Those behind them, fewer than 256."""

    def append(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        self._leaves.append(leaf)
        self.size += 1
        if len(self._leaves) == TILE:
            node, number = perfect_root(self._leaves), self.size // TILE - 1
            while number & 1:
                node = node_hash(self._peaks.pop(), node)
                number >>= 1
            self._peaks.append(node)
            self._leaves.clear()

    def root(self) -> bytes:
        """The root over all leaves."""
        peaks, at, width = list(self._peaks), 0, TILE >> 1
        while width:
            if len(self._leaves) & width:
                peaks.append(perfect_root(self._leaves[at : at + width]))
                at += width
            width >>= 1
        if not peaks:
            return sha256(b"").digest()
        root = peaks[-1]
        for peak in reversed(peaks[:-1]):
            root = node_hash(peak, root)
        return root


def root_by_inclusion(leaf: bytes, index: int, size: int, hashes: Sequence[bytes]) -> bytes:
    """The root of a tree of that size in which the leaf stands at that index (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise Refused(f"there is no leaf {index} in a tree of {size}")
    root, node, last = leaf, index, size - 1
    for one in hashes:
        if last == 0:
            raise Refused("the proof has too many hashes")
        if node & 1 or node == last:
            root = node_hash(one, root)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, one)
        node, last = node >> 1, last >> 1
    if last:
        raise Refused("the proof has too few hashes")
    return root


def roots_by_consistency(
    first: int, second: int, root: bytes, hashes: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Both roots that the proof leads to, where the first tree has this root (RFC 9162, 2.1.4.2)."""
    if not 0 < first < second:
        raise Refused(f"a tree of {first} cannot be proved the beginning of one of {second}")
    if not hashes:
        raise Refused("the proof has too few hashes")
    path = list(hashes)
    if first & (first - 1) == 0:
        path.insert(0, root)
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for one in path[1:]:
        if last == 0:
            raise Refused("the proof has too many hashes")
        if node & 1 or node == last:
            old, new = node_hash(one, old), node_hash(one, new)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, one)
        node, last = node >> 1, last >> 1
    if last:
        raise Refused("the proof has too few hashes")
    return old, new


def expect_consistent(old: Checkpoint, new: Checkpoint, hashes: Sequence[bytes]) -> None:
    """Refuse where the first tree is not shown to be the beginning of the second."""
    if old.origin != new.origin:
        raise Refused(f"the checkpoints are of two logs: {old.origin} and {new.origin}")
    if old.size == new.size or old.size == 0:
        if hashes:
            raise Refused("the proof has too many hashes")
        if old.size and old.root != new.root:
            raise Refused(f"two trees of {old.size} entries: the history was forked")
        if not old.size and old.root != Tree().root():
            raise Refused("a tree of no entries has another root")
        return
    if old.size > new.size:
        raise Refused(f"the log has {new.size} entries, fewer than the {old.size} of before")
    first, second = roots_by_consistency(old.size, new.size, old.root, hashes)
    if first != old.root or second != new.root:
        raise Refused(
            f"the log of {new.size} entries does not continue the one of {old.size}: "
            "what was recorded then was changed"
        )


# --- signed notes, keys, checkpoints and proofs (C2SP) ------------------------------------------


class Key(NamedTuple):
    """A key that verifies signed notes."""

    name: str
    id: bytes
    public: bytes
    text: str
    """As it is handed on: NAME+ID+BASE64."""

    @property
    def fingerprint(self) -> str:
        """What people compare by telephone."""
        digest = sha256(self.public).hexdigest()
        return " ".join(digest[at : at + 4] for at in range(0, 64, 4))

    @property
    def origin(self) -> str:
        """The name that a log has whose first key this is."""
        return f"returns-ledger/{sha256(self.public).hexdigest()[:32]}"


class Checkpoint(NamedTuple):
    """What a log commits to: so many entries under this root."""

    origin: str
    size: int
    root: bytes


class Signature(NamedTuple):
    """One signature below a note."""

    name: str
    id: bytes
    value: bytes


class Note(NamedTuple):
    """A text, and who says to have signed it."""

    text: str
    signatures: list[Signature]


class Proof(NamedTuple):
    """A .tlog-proof: a leaf's place, the path to the root, and the checkpoint that has this root."""

    leaf: int
    """Counted from 0: the entry's position less one."""
    hashes: list[bytes]
    note: Note


def from_base64(text: object) -> bytes:
    """The bytes; refused unless the text is the one way to write them."""
    if not isinstance(text, str):
        raise Refused("base64 is expected, and there is something else")
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(f"not base64: {plain(text, 60)}") from None
    if base64.b64encode(data).decode() != text:
        raise Refused(f"not the usual base64: {plain(text, 60)}")
    return data


def hashes_of(texts: object) -> list[bytes]:
    """The hashes of a proof."""
    if not isinstance(texts, list):
        raise Refused("a list of hashes is expected, and there is something else")
    hashes = [from_base64(text) for text in texts]
    if any(len(one) != 32 for one in hashes):
        raise Refused("a hash has 32 bytes")
    return hashes


def number_of(text: str) -> int:
    """A whole number without sign or leading zeros."""
    if not re.fullmatch(r"0|[1-9][0-9]{0,17}", text):
        raise Refused(f"not a number: {plain(text, 60)}")
    return int(text)


def key_of(text: str) -> Key:
    """The key that a line of keys.txt, or --key, tells."""
    found = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", text)
    if not found:
        raise Refused(f"not a verifier key: {plain(text, 80)}")
    name, told, data = found[1], found[2], from_base64(found[3])
    if len(data) != 33 or data[0] != 1:
        raise Refused("not a key for Ed25519")
    key = Key(name, sha256(name.encode() + b"\n" + data).digest()[:4], data[1:], text)
    if key.id.hex() != told:
        raise Refused("the key was mistyped: its id does not fit")
    return key


def note_of(data: bytes) -> Note:
    """A signed note, taken apart; nothing is verified yet."""
    if len(data) > TEXT_MAX:
        raise Refused("too large for a signed note")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("not a signed note: no UTF-8") from None
    if any(char < " " and char != "\n" for char in whole):
        raise Refused("not a signed note: it holds control characters")
    text, gap, below = whole.rpartition("\n\n")
    if not gap or not below.endswith("\n"):
        raise Refused("not a signed note: no signatures stand below")
    if below.count("\n") > SIGNATURES_MAX:
        raise Refused("not a signed note: more signatures than anybody looks at")
    return Note(text + "\n", [_signature(line) for line in below[:-1].split("\n")])


def _signature(line: str) -> Signature:
    found = re.fullmatch(r"\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)", line)
    if not found:
        raise Refused(f"not a signature: {plain(line, 80)}")
    data = from_base64(found[2])
    if len(data) < 5:
        raise Refused("a signature is cut off")
    return Signature(found[1], data[:4], data[4:])


def expect_signed(note: Note, key: Key, what: str) -> None:
    """Refuse where the note is not signed by this key; signatures by others are no matter here."""
    ours = [one for one in note.signatures if (one.name, one.id) == (key.name, key.id)]
    if not ours:
        raise Refused(f"{what} is not signed by the key {key.id.hex()} of {key.name}")
    if not all(signature_holds(key.public, note.text.encode(), one.value) for one in ours):
        raise Refused(
            f"{what} does not have the signature of its key {key.id.hex()}: it was changed"
        )


def checkpoint_of(text: str) -> Checkpoint:
    """The text of a checkpoint."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise Refused("not a checkpoint: it has the log's name, its size and its root, a line each")
    root = from_base64(lines[2])
    if len(root) != 32:
        raise Refused("not a checkpoint: a root has 32 bytes")
    return Checkpoint(lines[0], number_of(lines[1]), root)


PROOF_BEGINS = "c2sp.org/tlog-proof@v1"


def proof_of(data: bytes) -> Proof:
    """A .tlog-proof, taken apart; nothing is verified yet."""
    try:
        above, gap, below = data.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError:
        raise Refused("not a proof: no UTF-8") from None
    lines = above.split("\n")
    if not gap or len(lines) < 2 or lines[0] != PROOF_BEGINS or lines[1][:6] != "index ":
        raise Refused("not a proof: it does not begin as one")
    return Proof(number_of(lines[1][6:]), hashes_of(lines[2:]), note_of(below.encode()))


class Replaced(NamedTuple):
    """An entry that replaced the key by another."""

    position: int
    old: object
    new: object
    endorsement: object

    def is_of(self, origin: str) -> bool:
        """False where both keys are another log's: one restored without its keys goes by a new name."""
        return any(str(key).startswith(f"{origin}+") for key in (self.old, self.new))


class Term(NamedTuple):
    """A key and the sizes of the log for which it was the one that signs."""

    key: Key
    first: int
    last: int


class Keys:
    """The keys of a log in their order, each certified by the one before it."""

    def __init__(self, origin: str, terms: list[Term]) -> None:
        self.origin = origin
        self.terms = terms

    def at(self, size: int) -> Key:
        """The key that signs for a log of this size."""
        for term in self.terms:
            if term.first <= size <= term.last:
                return term.key
        raise Refused(f"no certified key signs for a log of {size} entries")

    def checkpoint(self, note: Note, what: str) -> Checkpoint:
        """A checkpoint of this log; refused where its signature does not hold."""
        told = checkpoint_of(note.text)
        if told.origin != self.origin:
            raise Refused(f"{what} is of another log: {told.origin}, not {self.origin}")
        expect_signed(note, self.at(told.size), what)
        return told


def certified(
    origin: str, keys: Sequence[Key], replaced: Sequence[Replaced], trusted: Sequence[Key]
) -> Keys:
    """The keys, where each is certified: the first by the log's name, the others by the one before.

    A key that the reader gave by hand needs nobody's word.
    """
    if not keys:
        raise Refused("keys.txt tells no key")
    if keys[0].origin != origin:
        raise Refused("the first key is not the one after which the log is named")
    if any(key.name != origin for key in keys):
        raise Refused(f"a key is of another log, not of {origin}")
    if len(keys) != len(replaced) + 1:
        raise Refused(
            f"there are {len(keys)} keys, and {len(replaced)} entries that replaced one by another"
        )
    terms, first = [], 0
    for number, key in enumerate(keys):
        last = replaced[number].position - 1 if number < len(replaced) else sys.maxsize
        if number:
            _expect_certified(replaced[number - 1], keys[number - 1], key, trusted)
        terms.append(Term(key, first, last))
        first = last + 1
    for key in trusted:
        if key not in keys:
            raise Refused(
                f"the key that you gave, {key.id.hex()}, is none of this log's keys: it was signed as {origin}, "
                "and whoever may only read a ledger signs by a key of their own"
            )
    return Keys(origin, terms)


def _expect_certified(entry: Replaced, old: Key, new: Key, trusted: Sequence[Key]) -> None:
    if (entry.old, entry.new) != (old.text, new.text):
        raise Refused(f"the entry at {entry.position} replaces other keys than those of keys.txt")
    if entry.endorsement is None:
        if new not in trusted:
            raise Refused(
                f"the key {new.id.hex()} is not certified by the one before it, which was lost: ask "
                f"its owner by another way, and give it with --key if it is theirs: {new.text}"
            )
        return
    if not isinstance(entry.endorsement, str):
        raise Refused(f"the entry at {entry.position} holds no signed note")
    note = note_of(entry.endorsement.encode())
    if note.text != f"returns-ledger.key/1\n{old.name}\n{new.text}\n":
        raise Refused(f"the entry at {entry.position} certifies something else than the new key")
    expect_signed(note, old, "the new key")


# --- JSON, strictly ------------------------------------------------------------------------------


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Refused("JSON that names a key twice")
    return made


def _no_constant(word: str) -> Any:
    raise Refused(f"{word} is not JSON")


def _whole(digits: str) -> int:
    if len(digits) > DIGITS_MAX:
        raise Refused("a number with more digits than anything here has")
    return int(digits)


_strict = json.JSONDecoder(
    object_pairs_hook=_no_duplicates, parse_constant=_no_constant, parse_int=_whole
)
_quick = json.JSONDecoder(parse_constant=_no_constant, parse_int=_whole)
_canonical = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
)


def json_of(data: bytes) -> Any:
    """What JSON says; refused where it names a key twice or is no JSON."""
    try:
        return _strict.decode(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise Refused("not JSON: no UTF-8") from None
    except RecursionError:
        raise Refused("JSON nested too deeply") from None
    except ValueError as error:
        raise Refused(f"not JSON: {error}") from None


def field(told: Any, name: str, kind: type) -> Any:
    """A field of a JSON object, of the type that it must have."""
    if not isinstance(told, dict) or type(told.get(name)) is not kind:
        raise Refused(f"{name!r} is missing, or is not what it should be")
    return told[name]


def expect_only(told: Any, *names: str) -> None:
    """Refuse a JSON object that says more than is checked: a reader would take it for proved."""
    if not isinstance(told, dict) or not set(told) <= set(names):
        raise Refused(f"it says more than {', '.join(names)}")


MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
ENTRY_BEGINS = b'{"body":'
LINE_KEYS = {"body", "position", "recorded_at", "stream", "topic", "version"}


def entry_of(line: bytes) -> dict[str, Any]:
    """What an entry's canonical line says; refused where it is not written in the one way there is."""
    try:
        text = line.decode("utf-8")
        told = _quick.decode(text)
        if not isinstance(told, dict) or set(told) != LINE_KEYS:
            raise Refused("not an entry")
        for name, kind in (("position", int), ("version", int), ("stream", str), ("topic", str)):
            field(told, name, kind)
        if not _is_moment(field(told, "recorded_at", str)):
            raise Refused("the moment of recording is not written as one")
        if _canonical.encode(told) != text:
            _expect_framed(text, told)
    except UnicodeDecodeError:
        raise Refused("not an entry: no UTF-8") from None
    except RecursionError:
        raise Refused("an entry nested too deeply") from None
    except ValueError as error:
        raise Refused(f"not an entry: {error}") from None
    return told


@lru_cache(maxsize=16)
def _is_moment(text: str) -> bool:
    return MOMENT.fullmatch(text) is not None


CONTROLS = bytes(range(32))
INTEGER = re.compile(
    r"[0-9](?<![0-9.eE+].)(?<![eE]-.)(?:(?<=[1-9])[0-9]{0,39}|(?<!-0))(?![0-9.eE])"
)
"""A whole number, but for its minus, written in the one way there is, and no part of another number."""
FORMS_MAX = 1_000
FORM_MAX = 1 << 14
POSITION, RECORDED_AT, STREAM, TOPIC, VERSION = -15, -12, -8, -4, -1
"""Where these stand when a line is cut at its quotation marks: always as far from its end."""


class Forms:
    """How lines are written that were taken apart: another one of the same form need not be.

    The form is what is left of a line without its whole numbers and the texts that are values: brackets,
    commas, colons, names. Where no text holds a backslash or a control character, each stands for itself
    and ends at the next quotation mark: no text and no number then changes whether the line is an entry
    that is written in the one way there is.
    """

    def __init__(self) -> None:
        self._known: dict[str, list[tuple[Callable[[list[str]], Any], Any]]] = {}
        self._count = 0

    def entry_of(self, line: bytes) -> dict[str, Any]:
        """What the line says, or refused; without the body, where that is nothing to take down."""
        parts = _cut(line)
        if parts is None:
            return entry_of(line)
        form = INTEGER.sub("1", '"'.join(parts[::2]))
        known = False
        for names_of, names in self._known.get(form, ()):
            known = known or names_of(parts) == names
        if known and parts[TOPIC] not in WATCHED and _is_moment(parts[RECORDED_AT]):
            return {
                "position": int(parts[POSITION][1:-1]),
                "recorded_at": parts[RECORDED_AT],
                "stream": parts[STREAM],
                "topic": parts[TOPIC],
                "version": int(parts[VERSION][1:-1]),
            }
        told = entry_of(line)
        if not known and self._count < FORMS_MAX and len(line) < FORM_MAX:
            self._count += 1
            texts = range(1, len(parts), 2)
            names_of = itemgetter(*(at for at in texts if parts[at + 1].lstrip(" ")[:1] == ":"))
            self._known.setdefault(form, []).append((names_of, names_of(parts)))
        return told


def _cut(line: bytes) -> list[str] | None:
    """The line cut at its quotation marks; None where one of them might not end a text."""
    if b"\\" in line or len(line.translate(None, CONTROLS)) != len(line):
        return None
    try:
        parts = line.decode("utf-8").split('"')
    except UnicodeDecodeError:
        return None
    return parts if len(parts) & 1 else None


def _expect_framed(text: str, told: dict[str, Any]) -> None:
    """What stands around the body must be exact; a number in it may be written as its writer did."""
    rest = _canonical.encode({name: told[name] for name in told if name != "body"})
    tail = "," + rest[1:]
    body = text[len('{"body":') : -len(tail)]
    if text != f'{{"body":{body}{tail}' or json_of(body.encode()) != told["body"]:
        raise Refused("the line is not written in the one way there is")


# --- folders and .zip files -----------------------------------------------------------------------


def _expect_name(name: str) -> None:
    parts = name.split("/")
    if (
        len(name) > NAME_MAX
        or any(part in ("", ".", "..") for part in parts)
        or re.search(r"[\\:\x00-\x1f\x7f]", name)
    ):
        raise Refused(f"the name {name!r} could lead out of the pack")


class Folder:
    """A pack as a folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.sizes: dict[str, int] = {}
        waiting = [""]
        while waiting:
            below = waiting.pop()
            with os.scandir(path / below) as found:
                for one in found:
                    self._take(one, below + one.name, waiting)

    def _take(self, one: os.DirEntry[str], name: str, waiting: list[str]) -> None:
        status = one.stat(follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            waiting.append(name + "/")
        elif stat.S_ISREG(status.st_mode) and len(self.sizes) < FILES_MAX:
            _expect_name(name)
            self.sizes[name] = status.st_size
        else:
            raise Refused(f"{name!r} is neither a file nor a folder, or there are too many")

    def open(self, name: str) -> IO[bytes]:
        """A file of the pack."""
        return (self._path / name).open("rb")

    def close(self) -> None:
        """Nothing more is read."""


class Zip:
    """A pack as a .zip: strictly one file after the other, so that every program sees the same."""

    def __init__(self, path: Path) -> None:
        self.sizes: dict[str, int] = {}
        self._zip = zipfile.ZipFile(path)
        try:
            members = sorted(self._zip.infolist(), key=lambda one: one.header_offset)
            if len(members) > FILES_MAX or sum(one.file_size for one in members) > UNPACKED_MAX:
                raise Refused("the .zip says that it unpacks to more than any pack holds")
            with path.open("rb") as raw:
                self._walk(raw, members)
        except BaseException:
            self._zip.close()
            raise

    def _walk(self, raw: IO[bytes], members: list[zipfile.ZipInfo]) -> None:
        end = 0
        for one in members:
            if one.header_offset != end:
                raise Refused("the .zip has files that overlap, or bytes that belong to no file")
            end = self._take(raw, one)
        raw.seek(0, os.SEEK_END)
        raw.seek(max(0, raw.tell() - 22))
        mark, disk, begins, here, count = struct.unpack("<4s4H", raw.read(12))
        if mark != b"PK\x05\x06" or end != self._zip.start_dir or self._zip.comment:
            raise Refused("the .zip has bytes that belong to no file")
        if (disk, begins) != (0, 0) or {here, count} - {len(members), 0xFFFF}:
            raise Refused("the .zip has another number of files than it says")

    def _take(self, raw: IO[bytes], one: zipfile.ZipInfo) -> int:
        """Compare what the .zip says of a file in its two places; where the file ends."""
        name = one.filename
        _expect_name(name)
        if name in self.sizes or one.orig_filename != name:
            raise Refused(f"the .zip holds {name!r} twice, or under two names")
        raw.seek(one.header_offset)
        head = struct.unpack("<4s5H3I2H", raw.read(30))
        mark, flags, method, named, extra = head[0], head[2], head[3], head[9], head[10]
        encoding = "utf-8" if flags & 0x800 else "cp437"
        if mark != b"PK\x03\x04" or raw.read(named).decode(encoding) != name:
            raise Refused(f"the .zip names {name!r} otherwise where the file is")
        if (
            (flags, method) != (one.flag_bits, one.compress_type)
            or flags & ~0x80E
            or method not in (0, 8)
        ):
            raise Refused(f"{name!r} is encrypted, or packed in a way that is not read here")
        if not (flags & 0x800 or name.isascii()) or stat.S_IFMT(one.external_attr >> 16) not in (
            0,
            stat.S_IFREG,
        ):
            raise Refused(
                f"{name!r} is not a plain file, or is named in letters of some old system"
            )
        told = (one.CRC, one.compress_size, one.file_size)
        more = _extra(raw.read(extra), name)
        _extra(one.extra, name)
        here = _sizes_here(head[6:9], more)
        if here != told and not (flags & 8 and here in ((0, 0, 0), (one.CRC, 0, 0))):
            raise Refused(f"the .zip tells two sizes or checksums of {name!r}")
        if one.file_size > DEFLATE_MAX * one.compress_size + DEFLATE_MAX:
            raise Refused(f"{name!r} cannot be so large when it is unpacked")
        self.sizes[name] = one.file_size
        end: int = one.header_offset + 30 + named + extra + one.compress_size
        return end + self._descriptor(raw, told, end, name) if flags & 8 else end

    def _descriptor(self, raw: IO[bytes], told: tuple[int, int, int], at: int, name: str) -> int:
        """How long the second telling of sizes behind a file is; refused where it tells others."""
        raw.seek(at)
        data = raw.read(24)
        for mark in (b"PK\x07\x08", b""):
            for form in ("<3L", "<L2Q"):
                size = struct.calcsize(form)
                found = data[len(mark) : len(mark) + size]
                if data.startswith(mark) and found == _packed(form, told):
                    return len(mark) + size
        raise Refused(f"the .zip tells two sizes or checksums of {name!r}")

    def open(self, name: str) -> IO[bytes]:
        """A file of the pack; reading it to the end compares its checksum."""
        return cast("IO[bytes]", io.BufferedReader(cast("Any", self._zip.open(name)), READ_AT_ONCE))

    def close(self) -> None:
        """Nothing more is read."""
        self._zip.close()


EXTRA = {0x0001, 0x000A, 0x5455, 0x5855, 0x7855, 0x7875}
"""What a .zip may say besides of a file: long sizes, times, owners. Not another name for it."""


def _extra(data: bytes, name: str) -> bytes:
    """The long sizes among what a .zip says besides; refused where it says what could mislead."""
    sizes, seen = b"", set()
    while data:
        kind, length = struct.unpack("<2H", data[:4])
        if kind in seen or kind not in EXTRA or len(data) < 4 + length:
            raise Refused(f"the .zip says more of {name!r} than its sizes, times and owner")
        seen.add(kind)
        if kind == 1:
            sizes = data[4 : 4 + length]
        data = data[4 + length :]
    return sizes


def _sizes_here(told: tuple[int, int, int], more: bytes) -> tuple[int, int, int]:
    """Checksum, packed size and size as they stand before a file; the long ones where there are some."""
    crc, packed, size = told
    if size == 0xFFFFFFFF:
        size, more = struct.unpack("<Q", more[:8])[0], more[8:]
    if packed == 0xFFFFFFFF:
        packed = struct.unpack("<Q", more[:8])[0]
    return crc, packed, size


def _packed(form: str, told: tuple[int, int, int]) -> bytes:
    try:
        return struct.pack(form, *told)
    except struct.error:
        return b"?"


class Pack:
    """A pack that is being read: its files, their SHA-256 once they were compared."""

    def __init__(self, path: Path) -> None:
        self._files = Folder(path) if path.is_dir() else Zip(path)
        self.sizes = self._files.sizes
        self.digests: dict[str, str] = {}

    def open(self, name: str) -> IO[bytes]:
        """A file, to be read piece by piece."""
        if name not in self.sizes:
            raise Refused(f"the pack has no {name}")
        return self._files.open(name)

    def read(self, name: str, limit: int = TEXT_MAX) -> bytes:
        """A file, whole."""
        with self.open(name) as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise Refused(f"{name} is larger than it can be")
        return data

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file without their LF; each must have one."""
        with self.open(name) as file:
            yield from _lines_of(file, name)

    def below(self, folder: str) -> list[str]:
        """The names of the files in a folder, sorted."""
        return sorted(name for name in self.sizes if name.startswith(folder))

    @property
    def proofs(self) -> list[str]:
        """The names of its .tlog-proof files."""
        return sorted(name for name in self.sizes if name.endswith(".tlog-proof"))

    def close(self) -> None:
        """Nothing more is read."""
        self._files.close()


def _lines_of(file: IO[bytes], name: str) -> Iterator[bytes]:
    while line := file.readline(TEXT_MAX):
        if not line.endswith(b"\n"):
            raise Refused(f"{name} has a line that is cut off, or far too long")
        yield line[:-1]


# --- the checks of a pack -------------------------------------------------------------------------

SCHEMA = "returns-ledger/pack/1"
SIGNED_AS = "returns-ledger.manifest/1"
UNLISTED = {"manifest.json", "manifest.note"}
"""The manifest cannot tell its own SHA-256."""
DIGEST = re.compile(r"[0-9a-f]{64}")
ROW = ("digest", "hashes", "index", "line", "lines", "position", "row")
MANIFEST = (
    "account complete control_totals counts files kind log question schema tables tool views"
).split()
KINDS = {"export", "dossier", "backup"}
ACCOUNT = re.compile(r"[a-z0-9][a-z0-9_-]{0,47}")
"""As accounts are called: what is printed behind VERIFIED is no place for a sentence of the seller's."""
EXPONENTS = {
    **dict.fromkeys(
        "USD CAD MXN BRL GBP EUR SEK PLN TRY AED SAR EGP INR SGD AUD CZK DKK NOK CHF HUF ZAR CNY "
        "COP NZD HKD".split(),
        2,
    ),
    **dict.fromkeys(("JPY", "KRW", "CLP"), 0),
    **dict.fromkeys(("KWD", "BHD", "JOD"), 3),
}
"""Decimal places of each currency (ISO 4217): 12.34 and 1234 are not the same amount."""


class Manifest(NamedTuple):
    """What manifest.json says."""

    kind: str
    account: str
    origin: str
    size: int
    root: bytes
    complete: bool
    counts: dict[str, Any]
    control_totals: list[Any]
    files: list[Any]
    digest: str
    """SHA-256 of the manifest itself: what is signed."""


class Imported(NamedTuple):
    """What an entry says of a file that it imported."""

    digest: str
    root: str
    lines: int
    totals: list[tuple[str, str, int]]
    """Report format, currency, amount in the currency's smallest unit."""


class Entries:
    """What the entries of a pack say that a verifier needs, taken down while they go by."""

    def __init__(self, leaves_of: set[int], roots_at: set[int]) -> None:
        self.count = 0
        self.leaves: dict[int, bytes] = {}
        self.roots: dict[int, bytes] = {}
        """Roots of the beginnings that somebody asked for, where every entry is there."""
        self.imported: dict[int, Imported] = {}
        self.losses: list[int] = []
        """Positions at which the seller recorded that signed entries are lost."""
        self.named: set[str] = set()
        """The SHA-256 of every file that an entry names, as delivered."""
        self.sealed: set[tuple[str, str]] = set()
        """The SHA-256 of a file as delivered, and of what is kept of it."""
        self.rulebooks: set[str] = set()
        self.replaced: list[Replaced] = []
        self._leaves_of = leaves_of
        self._roots_at = roots_at
        self._tree = Tree()
        self._forms = Forms()
        self._versions: dict[str, int] = {}
        self._position = 0
        self._recorded_at = ""

    @property
    def root(self) -> bytes:
        """The root over all entries that went by."""
        return self._tree.root()

    def lost(self) -> list[str]:
        """What nobody can check any more."""
        gives_up = "gives up entries that had been signed before"
        return [f"what was lost: entry {position} {gives_up}" for position in self.losses]

    def take(self, line: bytes, *, complete: bool) -> tuple[int, bytes]:
        """Position and leaf of an entry; refused where it is not written as it must be."""
        told = self._forms.entry_of(line)
        position, leaf = told["position"], leaf_hash(line)
        self._expect_in_order(told, complete=complete)
        self.count += 1
        if complete:
            self._tree.append(leaf)
            if position in self._roots_at:
                self.roots[position] = self._tree.root()
        if position in self._leaves_of:
            self.leaves[position] = leaf
        if told["topic"] in WATCHED:
            WATCHED[told["topic"]](
                self, position, told["stream"], field(told["body"], "event", dict)
            )
        return position, leaf

    def _expect_in_order(self, told: dict[str, Any], *, complete: bool) -> None:
        position, version = told["position"], told["version"]
        if position != self._position + 1 if complete else position <= self._position:
            raise Refused(f"position {position} comes after position {self._position}")
        if told["recorded_at"] < self._recorded_at:
            raise Refused(f"position {position} was recorded before the one that it follows")
        before = self._versions.get(told["stream"], 0)
        if version != before + 1 if complete else version <= before:
            raise Refused(f"position {position} is version {version}, after version {before}")
        self._position, self._recorded_at = position, told["recorded_at"]
        self._versions[told["stream"]] = version

    def import_of(self, position: int, _stream: str, event: dict[str, Any]) -> None:
        """A report file was imported."""
        totals = event.get("totals", [])
        of = field(event, "report_format", str)
        self.imported[position] = Imported(
            field(event, "digest", str),
            field(event, "root", str),
            field(event, "lines", int),
            [(of, field(one, "currency", str), field(one, "minor", int)) for one in totals],
        )
        self.evidence_of(position, _stream, event)

    def evidence_of(self, _position: int, _stream: str, event: dict[str, Any]) -> None:
        """A file is kept; what is personal in it may be sealed."""
        self.named.add(field(event, "digest", str))
        if isinstance(event.get("sealed"), str):
            self.sealed.add((event["digest"], event["sealed"]))

    def rulebook_of(self, _position: int, _stream: str, event: dict[str, Any]) -> None:
        """A rulebook was adopted, out of what came with the program and the seller's own rules."""
        named = (event.get(name) for name in ("digest", "own", "shipped"))
        self.rulebooks.update(one for one in named if isinstance(one, str))

    def key_of(self, position: int, stream: str, event: dict[str, Any]) -> None:
        """The signing key was replaced."""
        if stream == "account":
            told = (event.get(name) for name in ("old", "new", "endorsement"))
            self.replaced.append(Replaced(position, *told))

    def loss_of(self, position: int, _stream: str, _event: dict[str, Any]) -> None:
        """Entries that had been signed were given up as lost."""
        self.losses.append(position)


WATCHED = {
    "report-imported.v1": Entries.import_of,
    "evidence-attached.v1": Entries.evidence_of,
    "rulebook-adopted.v1": Entries.rulebook_of,
    "signing-key-replaced.v1": Entries.key_of,
    "loss-accepted.v1": Entries.loss_of,
}


class Rows:
    """The rows that were proved: which line stands where in which file."""

    def __init__(self) -> None:
        self._places: dict[bytes, dict[str, set[int]]] = {}
        self._sorted: dict[tuple[bytes, str], list[int]] = {}

    def add(self, digest: str, row: int, leaf: bytes) -> bool:
        """A row that was proved, the header is row 1; False where it was there already."""
        rows = self._places.setdefault(leaf, {}).setdefault(digest, set())
        is_new = row not in rows
        rows.add(row)
        return is_new

    def are_excerpt(self, leaves: Iterable[bytes]) -> bool:
        """True where the lines are one file's header, and rows of the same file in its order."""
        last: dict[str, int] | None = None
        for leaf in leaves:
            places = self._places.get(leaf, {})
            if last is None:
                last = {digest: 1 for digest, rows in places.items() if 1 in rows}
                continue
            after = {one: self._next(leaf, one, row) for one, row in last.items() if one in places}
            last = {one: row for one, row in after.items() if row}
        return bool(last)

    def _next(self, leaf: bytes, digest: str, row: int) -> int:
        """The first row after this one in which the line stands; 0 where there is none."""
        if (leaf, digest) not in self._sorted:
            self._sorted[leaf, digest] = sorted(self._places[leaf][digest])
        rows = self._sorted[leaf, digest]
        at = bisect_right(rows, row)
        return rows[at] if at < len(rows) else 0


class Seen(NamedTuple):
    """A pack whose entries and signatures were read: what the other checks rest on."""

    pack: Pack
    manifest: Manifest
    entries: Entries
    keys: Keys
    earlier: Note | None
    """The checkpoint that the reader gave."""
    rows: Rows
    """The rows that were proved, as soon as they are."""

    @property
    def checkpoint(self) -> Checkpoint:
        """What the log committed to when the pack was made."""
        return Checkpoint(self.manifest.origin, self.manifest.size, self.manifest.root)


def verify_pack(
    path: str | Path, keys: Sequence[str] = (), checkpoint: str | bytes | None = None
) -> Report:
    """Check an export, a dossier or a backup; never raises, whatever the bytes are.

    `keys` are verifier keys that the reader trusts, `checkpoint` the note of an earlier checkpoint.
    """
    report = Report()
    pack = None
    with report.check("pack", "it is a folder or a .zip whose files can be told apart") as check:
        pack = Pack(Path(path))
        check.checked = len(pack.sizes)
    if pack is not None:
        try:
            _verify_opened(report, pack, keys, checkpoint)
        finally:
            pack.close()
    return report


def _verify_opened(
    report: Report, pack: Pack, keys: Sequence[str], checkpoint: str | bytes | None
) -> None:
    """Check after check, in the order in which one rests on the other."""
    manifest = entries = signers = None
    with report.check("given", "the key and the checkpoint that you gave can be read") as check:
        trusted = [key_of(one) for one in keys]
        earlier = _given_note(checkpoint)
        check.checked = len(trusted) + (earlier is not None)
    with report.check("manifest", "it is written as a manifest is") as check:
        manifest = _manifest(pack.read("manifest.json"))
        report.about["origin"] = manifest.origin
        check.checked = 1
    if not report.ok or manifest is None:
        return
    with report.check("files", "they are those of the manifest, byte for byte") as check:
        check_files(pack, manifest, check)
    with report.check("entries", "each is canonical, in its place, and in the tree") as check:
        entries = check_entries(pack, manifest, earlier, check)
    if entries is None:
        return
    with report.check("signatures", "the log's key signed manifest and checkpoint") as check:
        signers = check_signatures(pack, manifest, entries, trusted, check)
    if signers is None:
        return
    seen = Seen(pack, manifest, entries, signers, earlier, Rows())
    for name, meaning, made in CHECKS:
        with report.check(name, meaning) as check:
            made(seen, check)
    _conclude_pack(report, seen, trusted)


def _given_note(checkpoint: str | bytes | None) -> Note | None:
    if checkpoint is None:
        return None
    return note_of(checkpoint.encode() if isinstance(checkpoint, str) else checkpoint)


def check_files(pack: Pack, manifest: Manifest, check: Check) -> None:
    """The pack holds what the manifest tells, and nothing else."""
    listed: dict[str, Any] = {}
    for one in manifest.files:
        expect_only(one, "bytes", "path", "sha256")
        name = field(one, "path", str)
        if name in listed or name in UNLISTED:
            raise Refused(f"the manifest tells {name!r} twice, or itself")
        _expect_name(name)
        listed[name] = one
    alike = {_alike(name) for name in (*listed, *UNLISTED)}
    if list(listed) != sorted(listed) or len(alike) != len(listed) + len(UNLISTED):
        raise Refused("the manifest's files are not in order, or differ in capital letters only")
    folders = {name[:at] for name in alike for at in range(len(name)) if name[at] == "/"}
    if not folders.isdisjoint(alike):
        raise Refused("the manifest tells a file and a folder of the same name")
    for name in sorted(set(pack.sizes) - set(listed) - UNLISTED):
        check.found(f"{name!r} is not in the manifest")
    for name, told in listed.items():
        check.checked += 1
        size = field(told, "bytes", int)
        if name not in pack.sizes:
            check.found(f"{name!r} is missing")
        elif pack.sizes[name] != size:
            check.found(f"{name!r} has {pack.sizes[name]} bytes, not {size}")
        elif _digest_in(pack, name, check) != field(told, "sha256", str):
            check.found(f"{name!r} was changed: its SHA-256 is another")


def _alike(name: str) -> str:
    """The name as the most forgetful system keeps it: capital and small letters, accents, dots."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "/".join(part.rstrip(". ") for part in folded.split("/"))


def _digest_in(pack: Pack, name: str, check: Check) -> str:
    digest = sha256()
    try:
        with pack.open(name) as file:
            while some := file.read(READ_AT_ONCE):
                digest.update(some)
    except DAMAGE as error:
        check.found(f"{name!r} {_words(error)}")
        return ""
    pack.digests[name] = digest.hexdigest()
    return digest.hexdigest()


def check_entries(pack: Pack, manifest: Manifest, earlier: Note | None, check: Check) -> Entries:
    """Every entry is in the tree: all of them make its root, or each has its proof."""
    wanted = {proof_of(pack.read(name)).leaf + 1 for name in pack.proofs}
    entries = Entries(wanted, _sizes_asked_for(pack, manifest, earlier))
    proofs = None if manifest.complete else pack.lines("proofs.ndjson")
    for line in pack.lines("entries.ndjson"):
        position, leaf = entries.take(line, complete=manifest.complete)
        if proofs is not None:
            _expect_proved(position, leaf, next(proofs, b""), manifest)
        check.checked += 1
    if proofs is None and (entries.count, entries.root) != (manifest.size, manifest.root):
        raise Refused("the entries do not make the tree that was signed: one was changed")
    if proofs is not None and next(proofs, None) is not None:
        raise Refused("there are more proofs than entries")
    return entries


def _expect_proved(position: int, leaf: bytes, proof: bytes, manifest: Manifest) -> None:
    told = json_of(proof)
    expect_only(told, "hashes", "position")
    if field(told, "position", int) != position:
        raise Refused(f"position {position} has no proof in its place")
    hashes = hashes_of(told.get("hashes"))
    if root_by_inclusion(leaf, position - 1, manifest.size, hashes) != manifest.root:
        raise Refused(f"the entry at {position} is not the one in the tree that was signed")


def _sizes_asked_for(pack: Pack, manifest: Manifest, earlier: Note | None) -> set[int]:
    """The sizes of earlier checkpoints, whose roots the entries themselves may show."""
    notes = [earlier] if earlier else []
    if "consistency.json" in pack.sizes:
        notes.append(_consistency_of(pack.read("consistency.json"))[0])
    sizes = {checkpoint_of(note.text).size for note in notes}
    return {size for size in sizes if 0 < size <= manifest.size}


def check_signatures(
    pack: Pack, manifest: Manifest, entries: Entries, trusted: Sequence[Key], check: Check
) -> Keys:
    """The keys are certified, and the one in force signed the checkpoint and the manifest."""
    listed = [key_of(line.decode("utf-8")) for line in pack.lines("keys.txt")]
    replaced = [one for one in entries.replaced if one.is_of(manifest.origin)]
    keys = certified(manifest.origin, listed, replaced, trusted)
    told = keys.checkpoint(note_of(pack.read("checkpoint")), "the checkpoint")
    if told != (manifest.origin, manifest.size, manifest.root):
        raise Refused("the checkpoint is of another state of the log than the manifest")
    note = note_of(pack.read("manifest.note"))
    if note.text != f"{SIGNED_AS}\n{manifest.origin}\n{manifest.digest}\n":
        raise Refused("the manifest is not the one that was signed: it was changed")
    expect_signed(note, keys.at(manifest.size), "the manifest")
    check.checked = 2
    return keys


def check_consistency(seen: Seen, check: Check) -> None:
    """The log continues the checkpoint of consistency.json, and the one that the reader gave."""
    shown = None
    if "consistency.json" in seen.pack.sizes:
        note, hashes = _consistency_of(seen.pack.read("consistency.json"))
        shown = seen.keys.checkpoint(note, "the checkpoint of before")
        expect_consistent(shown, seen.checkpoint, hashes)
        _shown_by_entries(shown, seen.entries)
        check.checked += 1
    if seen.earlier is not None:
        given = seen.keys.checkpoint(seen.earlier, "the checkpoint that you gave")
        if not 0 < given.size < seen.manifest.size:
            expect_consistent(given, seen.checkpoint, [])
        elif given != shown and not _shown_by_entries(given, seen.entries):
            raise Refused(
                f"nothing in the pack shows that its log of {seen.manifest.size} entries continues "
                f"the checkpoint that you gave, of {given.size}: ask for a pack made with it"
                if shown is None or shown.size != given.size
                else f"there are two trees of {given.size} entries: the history was forked"
            )
        check.checked += 1


def _shown_by_entries(earlier: Checkpoint, entries: Entries) -> bool:
    """True where the entries themselves make the earlier root; refused where they make another."""
    root = entries.roots.get(earlier.size)
    if root is not None and root != earlier.root:
        raise Refused(
            f"the first {earlier.size} entries are not those of the earlier checkpoint: "
            "what was recorded then was changed"
        )
    return root is not None


def check_originals(seen: Seen, check: Check) -> None:
    """Each has the SHA-256 that names it, or is the sealed form that an entry names."""
    imported: dict[str, set[tuple[str, int]]] = {}
    for one in seen.entries.imported.values():
        imported.setdefault(one.digest, set()).add((one.root, one.lines))
    for name in seen.pack.below("originals/"):
        check.checked += 1
        digest = name.partition("/")[2]
        found = seen.pack.digests.get(name, "")
        if not DIGEST.fullmatch(digest):
            check.found(f"{name} is not named by a SHA-256")
        elif digest not in seen.entries.named and digest not in seen.entries.rulebooks:
            check.found(f"{name} is a file that no entry of the pack names")
        elif found != digest and (digest, found) not in seen.entries.sealed:
            check.found(f"{name} is another file than its name says, and no entry names it")
        elif digest in imported and _root_of_lines(seen.pack.open(name)) not in imported[digest]:
            check.found(f"{name} does not have the lines that its import recorded")
    if "originals.ndjson" in seen.pack.sizes:
        _expect_listed(seen)


def _expect_listed(seen: Seen) -> None:
    """Refuse a list of the originals that says something else of them than their bytes do."""
    digests = []
    for line in seen.pack.lines("originals.ndjson"):
        told = json_of(line)
        expect_only(told, "bytes", "digest", "sealed")
        digest, size = field(told, "digest", str), field(told, "bytes", int)
        found = seen.pack.digests.get(f"originals/{digest}")
        sealed = None if found == digest else found
        same = sealed is not None or size == seen.pack.sizes.get(f"originals/{digest}")
        if "sealed" not in told or told["sealed"] != sealed or not same:
            raise Refused(f"originals.ndjson tells something else of {plain(digest, 80)}")
        digests.append(f"originals/{digest}")
    if digests != seen.pack.below("originals/"):
        raise Refused("originals.ndjson does not list the originals of the pack, each once")


def check_rows(seen: Seen, check: Check) -> None:
    """Each line stands where it is said to in a file whose import recorded the root."""
    if "rows.ndjson" not in seen.pack.sizes:
        return
    for line in seen.pack.lines("rows.ndjson"):
        check.checked += 1
        try:
            told = json_of(line)
            expect_only(told, *ROW)
            if not seen.rows.add(*_expect_row(told, seen.entries)):
                raise Refused("the row is there already")
        except Refused as error:
            check.found(f"line {check.checked}: {error}")


def _expect_row(told: Any, entries: Entries) -> tuple[str, int, bytes]:
    """The file, the row and its leaf; refused where the row does not stand there."""
    position, index = field(told, "position", int), field(told, "index", int)
    entry = entries.imported.get(position)
    if entry is None or entry.digest != field(told, "digest", str):
        raise Refused(f"the entry at {position} did not import this file")
    if field(told, "lines", int) != entry.lines or field(told, "row", int) != index + 1:
        raise Refused("the row is counted otherwise than its file was")
    leaf = leaf_hash(from_base64(told.get("line")))
    root = root_by_inclusion(leaf, index, entry.lines, hashes_of(told.get("hashes")))
    if root.hex() != entry.root:
        raise Refused(f"row {index + 1} is not the one that was imported")
    return entry.digest, index + 1, leaf


def check_exhibits(seen: Seen, check: Check) -> None:
    """Each is a file that an entry names, or a file's header and proved rows, as they follow there."""
    for name in seen.pack.below("exhibits/"):
        check.checked += 1
        if seen.pack.digests.get(name) not in seen.entries.named and not seen.rows.are_excerpt(
            map(leaf_hash, seen.pack.lines(name))
        ):
            check.found(
                f"{name} is no file that an entry names, nor one file's header and proved rows in "
                "their order"
            )


def check_proofs(seen: Seen, check: Check) -> None:
    """Each .tlog-proof proves an entry of the pack, at the pack's own checkpoint."""
    for name in seen.pack.proofs:
        check.checked += 1
        try:
            proof = proof_of(seen.pack.read(name))
            told = seen.keys.checkpoint(proof.note, "its checkpoint")
            leaf = seen.entries.leaves.get(proof.leaf + 1)
            if told != seen.checkpoint:
                raise Refused("its checkpoint is of another state of the log")
            if leaf is None:
                raise Refused("its entry is not in the pack")
            if root_by_inclusion(leaf, proof.leaf, told.size, proof.hashes) != told.root:
                raise Refused("it does not prove its entry")
        except Refused as error:
            check.found(f"{name}: {error}")


def check_rulebooks(seen: Seen, check: Check) -> None:
    """Each has the SHA-256 that names it, and an entry adopted it."""
    for name in seen.pack.below("rulebook/"):
        digest = name.partition("/")[2].partition(".")[0]
        if not DIGEST.fullmatch(digest):
            continue
        check.checked += 1
        if seen.pack.digests.get(name) != digest:
            check.found(f"{name} is another file than its name says")
        elif digest not in seen.entries.rulebooks:
            check.found(f"{name} is adopted by no entry of the pack")


def check_totals(seen: Seen, check: Check) -> None:
    """What the manifest counts and sums is counted and summed again."""
    counted = {
        "entries": seen.entries.count,
        "originals": len(seen.pack.below("originals/")),
    }
    if unknown := sorted(set(seen.manifest.counts) - {*counted, "rows"}):
        check.found(f"the manifest counts what nobody can count: {plain(unknown[0], 80)}")
    if "rows.ndjson" in seen.pack.sizes or "rows" in seen.manifest.counts:
        there = "rows.ndjson" in seen.pack.sizes
        counted["rows"] = sum(1 for _ in seen.pack.lines("rows.ndjson")) if there else 0
    for name, number in counted.items():
        check.checked += 1
        told = field(seen.manifest.counts, name, int)
        if told != number:
            check.found(f"there are {number} {name}, not {told}")
    totals = [_told_total(one) for one in seen.manifest.control_totals]
    check.checked += len(totals)
    if sorted(totals) != sorted(_control_totals(seen.entries.imported)):
        check.found("the control totals are not the sums of what was imported")


def check_index(seen: Seen, check: Check) -> None:
    """Each file of a dossier's index has the SHA-256 that stands there."""
    if "index.csv" not in seen.pack.sizes:
        return
    text = seen.pack.read("index.csv").decode("utf-8-sig")
    table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    columns = table.fieldnames or []
    if len(set(columns)) != len(columns) or {"path", "file"} <= set(columns):
        raise Refused("the index has two columns that could mean the same")
    if len(columns) > COLUMNS_MAX:
        raise Refused("the index has more columns than anybody reads")
    listed = set()
    for row in table:
        name, digest = row.get("path") or row.get("file") or "", row.get("sha256")
        check.checked += 1
        listed.add(name)
        if not digest or seen.pack.digests.get(name) != digest:
            check.found(f"{name!r} is not the file of the index")
    for name in sorted(set(seen.pack.below("exhibits/")) - listed):
        check.found(f"{name!r} is not in the index")


def check_absences(seen: Seen, check: Check) -> None:
    """Where a dossier says that a report has no such row, no line of the report holds the word."""
    if "claims.json" not in seen.pack.sizes:
        return
    wanted: dict[str, list[str]] = {}
    for claim in _list_of(json_of(seen.pack.read("claims.json"))):
        expect_only(claim, "absent", "report")
        words = wanted.setdefault(field(claim, "report", str), [])
        words += map(_word, field(claim, "absent", list))
    digests = {one.digest for one in seen.entries.imported.values()}
    for report, words in wanted.items():
        if len(words) > WORDS_MAX:
            raise Refused("more words should be missing than anybody looks for")
        if report not in digests:
            raise Refused(f"no entry of the pack imported the report {plain(report, 12)}")
        check.checked += len(words)
        for word in _found_in(seen.pack, f"originals/{report}", dict.fromkeys(words)):
            check.found(f"the report {report[:12]} does hold {word!r}")
    said = sorted({word for words in wanted.values() for word in words})
    if said:
        more = f" and {len(said) - 3} more" if len(said) > 3 else ""
        check.meaning = f"no line of these reports, as they are here, holds {plain(', '.join(said[:3]), 200)}{more}"


def _word(word: object) -> str:
    """A word that can be written in one way only; in another it would be missing everywhere."""
    if not isinstance(word, str) or not WORD.fullmatch(word):
        raise Refused("what should be missing is no word of plain letters, digits and signs")
    return word


def _found_in(pack: Pack, name: str, words: Iterable[str]) -> list[str]:
    """Those of the words that stand in a report, in capital letters or small ones."""
    texts = [(word, word.lower().encode(encoding)) for word in words for encoding in ENCODINGS]
    longest = max((len(text) for _, text in texts), default=1)
    found: dict[str, None] = {}
    rest = b""
    with pack.open(name) as file:
        for some in _unpacked(file):
            rest = rest[max(0, len(rest) - longest + 1) :] + some.lower()
            found.update((word, None) for word, text in texts if word not in found and text in rest)
    return list(found)


CHECKS = (
    ("consistency", "the log continues the earlier checkpoints", check_consistency),
    ("originals", "each is what its SHA-256, or its entry, says", check_originals),
    ("rows", "each stands in the file that was imported", check_rows),
    ("exhibits", "each is a file that an entry names, or rows of one", check_exhibits),
    ("proofs", "each .tlog-proof proves an entry of this pack", check_proofs),
    ("rulebooks", "each is one that an entry adopted", check_rulebooks),
    ("totals", "counts and control totals are those of the entries", check_totals),
    ("index", "each exhibit has the SHA-256 of the index", check_index),
    ("absences", "no line of the reports holds what is said to be missing", check_absences),
)


def _conclude_pack(report: Report, seen: Seen, trusted: Sequence[Key]) -> None:
    """Say what this is, and what no verifier can see in it."""
    manifest = seen.manifest
    key = seen.keys.at(manifest.size)
    _conclude(report, seen.checkpoint, key)
    report.about["kind"] = manifest.kind
    report.about["account"] = manifest.account
    report.about["complete"] = manifest.complete
    say = report.unchecked.append
    if key not in trusted:
        say(
            f"whose key this is: ask the seller by another way for the log's name, {manifest.origin}; "
            "whoever may only read a ledger signs by a key of their own"
        )
    say(
        "whether what Amazon or the seller told is true: only that it was recorded, and not changed"
    )
    if not manifest.complete:
        say(
            "what else the log holds: these are some of its entries; so neither whether another key "
            "has replaced this one, nor whether entries were given up as lost"
        )
    if seen.entries.sealed:
        say("what is personal in the originals: it is sealed, and only the seller's keys open it")
    report.unchecked += seen.entries.lost()
    if any(name.startswith(TOLD) for name in seen.pack.sizes):
        say("whether tables and texts follow from the entries: they are as this key signed them")
    if strange := sorted(name for name in seen.pack.sizes if not KNOWN.fullmatch(name)):
        more = f" and {len(strange) - 5} more" if len(strange) > 5 else ""
        say(f"what stands in {', '.join(map(repr, strange[:5]))}{more}: the seller put it there")


ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
"""Plain letters have the same bytes in every other encoding that reports are delivered in."""
TOLD = ("views/", "tables/", "schemas/", "procedure.", "dossier.", "draft.")
KNOWN = re.compile(
    r"manifest\.(json|note)|checkpoint|keys\.txt|README\.txt|verify\.py|index\.csv|keys/keys\.db|"
    r"(entries|proofs|rows|originals)\.ndjson|(claims|consistency|datapackage)\.json|"
    r"(originals|exhibits)/.+|.+\.tlog-proof|rulebook/[0-9a-f]{64}\.json|"
    r"(views|tables|schemas)/.+|(procedure|dossier|draft)\.[a-z]+"
)
"""The files that a pack has; of any other nobody says what it is."""
WORD = re.compile(r"[!-~]([ -~]{0,98}[!-~])?")


def _manifest(data: bytes) -> Manifest:
    told = json_of(data)
    if field(told, "schema", str) != SCHEMA:
        raise Refused(
            f"the manifest is of a kind that this verifier does not know: {told['schema']}"
        )
    expect_only(told, *MANIFEST)
    log = field(told, "log", dict)
    expect_only(log, "origin", "root", "size")
    root = from_base64(log.get("root"))
    if field(log, "size", int) < 0 or len(root) != 32:
        raise Refused("the manifest does not tell the log's state")
    if field(told, "kind", str) not in KINDS or not ACCOUNT.fullmatch(field(told, "account", str)):
        raise Refused("the manifest does not tell what kind of pack it is, and of which account")
    return Manifest(
        field(told, "kind", str),
        field(told, "account", str),
        field(log, "origin", str),
        log["size"],
        root,
        field(told, "complete", bool),
        field(told, "counts", dict),
        field(told, "control_totals", list),
        field(told, "files", list),
        sha256(data).hexdigest(),
    )


def _list_of(told: Any) -> list[Any]:
    if not isinstance(told, list):
        raise Refused("a list is expected, and there is something else")
    return told


def _root_of_lines(file: IO[bytes]) -> tuple[str, int]:
    """The root over a file's lines and how many there are: what an import records of it."""
    tree = Tree()
    with file:
        while some := file.readline(READ_AT_ONCE):
            if some.endswith(b"\n"):
                tree.append(sha256(b"\x00" + some[:-1]).digest())
            else:  # the last line, or one that is read piece by piece
                tree.append(_leaf_of_long(some, file))
    return tree.root().hex(), tree.size


def _leaf_of_long(begin: bytes, file: IO[bytes]) -> bytes:
    leaf = sha256(b"\x00" + begin)
    while some := file.readline(READ_AT_ONCE):
        is_open = not some.endswith(b"\n")
        leaf.update(some if is_open else some[:-1])
        if not is_open:
            break
    return leaf.digest()


def _consistency_of(data: bytes) -> tuple[Note, list[bytes]]:
    told = json_of(data)
    expect_only(told, "from", "hashes")
    return note_of(field(told, "from", str).encode()), hashes_of(told.get("hashes"))


def _control_totals(imported: dict[int, Imported]) -> list[tuple[str, str, int]]:
    """The sums of what was imported; a file that was told twice counts once, as it was told last."""
    last = {one.digest: one for _, one in sorted(imported.items())}
    sums: dict[tuple[str, str], int] = {}
    for one in last.values():
        for of, currency, minor in one.totals:
            sums[of, currency] = sums.get((of, currency), 0) + minor
    return [(of, currency, minor) for (of, currency), minor in sums.items()]


def _told_total(one: Any) -> tuple[str, str, int]:
    expect_only(one, "amount", "currency", "report_format")
    amount, currency = field(one, "amount", str), field(one, "currency", str)
    if currency not in EXPONENTS:
        raise Refused(f"an amount in no currency that is known here: {plain(currency, 60)}")
    decimals = rf"\.[0-9]{{{EXPONENTS[currency]}}}" if EXPONENTS[currency] else ""
    if not re.fullmatch(rf"-?(0|[1-9][0-9]{{0,39}}){decimals}", amount):
        raise Refused(f"not how an amount in {currency} is written: {plain(amount, 60)}")
    return field(one, "report_format", str), currency, int(amount.replace(".", ""))


def _unpacked(file: IO[bytes]) -> Iterator[bytes]:
    """A report piece by piece as it is read: out of its .gz, if it was delivered in one."""
    some = file.read(READ_AT_ONCE)
    if some.startswith(b"sealed:"):
        raise Refused("nothing can be looked for in a report that is sealed as a whole")
    if some.startswith(b"\x1f\x8b"):
        pieces = filter(None, _inflated(file, some))
        some = next(pieces, b"")
    else:
        pieces = filter(None, iter(lambda: file.read(READ_AT_ONCE), b""))
    if some.startswith((b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06")):
        raise Refused("nothing can be looked for in a report that is packed, or packed twice")
    yield some
    yield from pieces


def _inflated(file: IO[bytes], some: bytes) -> Iterator[bytes]:
    engine, size = zlib.decompressobj(31), 0
    while some:
        piece = engine.decompress(some, READ_AT_ONCE)
        size += len(piece)
        if engine.unused_data or size > REPORT_MAX:
            raise Refused("a packed report cannot be unpacked whole")
        yield piece
        some = engine.unconsumed_tail or file.read(READ_AT_ONCE)
    if not engine.eof:
        raise Refused("a packed report cannot be unpacked whole")


# --- single files ---------------------------------------------------------------------------------


def verify_proof(
    proof: bytes, line: bytes, keys: Sequence[str], earlier: bytes | None = None
) -> Report:
    """Check a .tlog-proof for the entry of this line; never raises.

    `earlier` is a checkpoint that the reader kept: the proof's own must be the same, as nothing here
    can show that one continues the other.
    """
    report = Report()
    with report.check("proof", "the entry is in the log that was signed") as check:
        told = proof_of(proof)
        line = line[:-1] if line.endswith(b"\n") else line
        entry = entry_of(line)
        checkpoint, key = _signed(told.note, keys)
        if entry["position"] != told.leaf + 1:
            raise Refused(f"the proof is for position {told.leaf + 1}, not {entry['position']}")
        root = root_by_inclusion(leaf_hash(line), told.leaf, checkpoint.size, told.hashes)
        if root != checkpoint.root:
            raise Refused("the proof does not prove this entry")
        check.checked = 1
        _conclude(report, checkpoint, key)
    if not report.ok or earlier is None:
        return report
    with report.check("consistency", "the log is the one of the earlier checkpoint") as check:
        given = _signed(note_of(earlier), keys)[0]
        expect_comparable(given, checkpoint)
        expect_consistent(given, checkpoint, [])
        check.checked = 1
    return report


def verify_row(told: Any, keys: Sequence[str], earlier: bytes | None = None) -> Report:
    """Check that an imported file has a row, and that the log holds the file's import; never raises."""
    report = Report()
    with report.check("row", "it stands in a file of which the log holds the import") as check:
        line = field(told, "entry", str).encode()
        entries = Entries(set(), set())
        position, _ = entries.take(line, complete=False)
        _expect_row({**told, "position": position}, entries)
        check.checked = 1
        proved = verify_proof(field(told, "proof", str).encode(), line, keys, earlier)
        report.checks += proved.checks
        report.about = proved.about
    return report


def verify_growth(
    note: bytes, keys: Sequence[str], shown: tuple[Note, list[bytes]] | None, earlier: bytes | None
) -> Report:
    """Check a checkpoint, and that it continues an earlier one; never raises.

    `shown` is a proof of consistency and the note that it begins at, `earlier` one the reader kept.
    """
    report = Report()
    with report.check("checkpoint", "it is signed by the key that you gave") as check:
        now, key = _signed(note_of(note), keys)
        check.checked = 1
        _conclude(report, now, key)
    if not report.ok or (shown is None and earlier is None):
        return report
    with report.check("consistency", "the log continues the earlier checkpoint") as check:
        given = None if earlier is None else _signed(note_of(earlier), keys)[0]
        begins = given if shown is None else _signed(shown[0], keys)[0]
        if begins is not None:
            if shown is None:
                expect_comparable(begins, now)
            expect_consistent(begins, now, [] if shown is None else shown[1])
        if given not in (None, begins):
            raise Refused("the proof begins at another checkpoint than the one that you gave")
        check.checked = 1
    return report


def verify_lines(
    path: Path, note: bytes, keys: Sequence[str], earlier: bytes | None = None
) -> Report:
    """Check a whole log that is one file of lines, by the checkpoint over them; never raises."""
    report = Report()
    with report.check("checkpoint", "it is signed by the key that you gave") as check:
        now, key = _signed(note_of(note), keys)
        given = None if earlier is None else _signed(note_of(earlier), keys)[0]
        check.checked = 1
    if report.problems:
        return report
    entries = Entries(set(), set() if given is None else {given.size})
    with report.check("entries", "each is canonical, in its place, and in the tree") as check:
        with path.open("rb") as file:
            for line in _lines_of(file, path.name):
                entries.take(line, complete=True)
                check.checked += 1
        if entries.count != now.size:
            raise Refused(f"{path.name} has {entries.count} entries, and {now.size} were signed")
        if entries.root != now.root:
            raise Refused("the entries do not make the tree that was signed: one was changed")
        _conclude(report, now, key)
        report.unchecked += entries.lost()
    if not report.ok or given is None:
        return report
    with report.check("consistency", "the log continues the earlier checkpoint") as check:
        if not 0 < given.size < now.size:
            expect_consistent(given, now, [])
        else:
            _shown_by_entries(given, entries)
        check.checked = 1
    return report


def expect_comparable(old: Checkpoint, new: Checkpoint) -> None:
    """Refuse where only a proof could tell whether one continues the other."""
    if old.origin == new.origin and 0 < old.size < new.size:
        raise Refused(
            f"to show that {new.size} entries continue {old.size} it takes a consistency proof: "
            "give the newer checkpoint, and consistency.json as the second file"
        )


def _signed(note: Note, keys: Sequence[str]) -> tuple[Checkpoint, Key]:
    """A checkpoint and who signed it, of the keys that were given."""
    checkpoint = checkpoint_of(note.text)
    ours = [key for key in map(key_of, keys) if key.name == checkpoint.origin]
    if not ours:
        raise Refused(
            f"the signature needs a key of {checkpoint.origin}: give it with --key; "
            "it stands in keys.txt of every pack of this log"
        )
    told = {(one.name, one.id) for one in note.signatures}
    signers = [key for key in ours if (key.name, key.id) in told]
    for key in signers or ours:
        expect_signed(note, key, "the checkpoint")
    return checkpoint, (signers or ours)[0]


def _conclude(report: Report, checkpoint: Checkpoint, key: Key) -> None:
    report.about["origin"] = checkpoint.origin
    report.about["size"] = checkpoint.size
    report.about["root"] = base64.b64encode(checkpoint.root).decode()
    report.about["key"] = key.text
    report.about["fingerprint"] = key.fingerprint


def verify(
    first: str | Path,
    second: str | Path | None = None,
    keys: Sequence[str] = (),
    checkpoint: bytes | None = None,
) -> Report:
    """Check whatever this is: a pack, a log's lines, a proof with its entry, a checkpoint; never raises."""
    report = Report()
    with report.check("file", "it can be read"):
        path = Path(first)
        if path.is_dir() or zipfile.is_zipfile(path):
            if second is not None:
                raise Refused("a pack is verified by itself: give one file")
            return verify_pack(path, keys, checkpoint)
        if _begins_with_an_entry(path):
            return verify_lines(path, _file(_checkpoint_of(path, second)), keys, checkpoint)
        data = _file(path)
        if data.startswith(PROOF_BEGINS.encode()):
            return verify_proof(data, _file(_entry_of(path, second)), keys, checkpoint)
        if data.startswith(b"{"):
            return _verify_told(json_of(data), keys, checkpoint)
        shown = None if second is None else _consistency_of(_file(Path(second)))
        return verify_growth(data, keys, shown, checkpoint)
    return report


def _entry_of(proof: Path, named: str | Path | None) -> Path:
    """Where the line is that a proof is about: the second file, or the one beside the proof."""
    beside = proof.with_name(proof.name + ".json")
    if named is None and not beside.is_file():
        raise Refused("a proof is verified with its entry: give the entry's line as a second file")
    return beside if named is None else Path(named)


def _begins_with_an_entry(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(ENTRY_BEGINS)) == ENTRY_BEGINS


def _checkpoint_of(lines: Path, named: str | Path | None) -> Path:
    """Where the signed root is of a log's lines: the second file, or the one beside them."""
    beside = lines.with_name(lines.name + ".checkpoint")
    if named is None and not beside.is_file():
        raise Refused("a log's lines are verified with their checkpoint: give it as a second file")
    return beside if named is None else Path(named)


def _verify_told(told: Any, keys: Sequence[str], checkpoint: bytes | None) -> Report:
    """Check a proof that is one JSON object."""
    schema = field(told, "schema", str)
    if schema == "returns-ledger/row-proof/1":
        return verify_row(told, keys, checkpoint)
    if schema == "returns-ledger/growth/1":
        shown = note_of(field(told, "from", str).encode()), hashes_of(told.get("hashes"))
        return verify_growth(field(told, "to", str).encode(), keys, shown, checkpoint)
    raise Refused(f"nothing that this verifier knows: {schema}")


def _file(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(TEXT_MAX + 1)
    if len(data) > TEXT_MAX:
        raise Refused(f"{path} is too large for what can be verified here")
    return data


# --- the command line -----------------------------------------------------------------------------


def in_words(report: Report) -> list[str]:
    """The report as lines for a person."""
    lines = []
    for check in report.checks:
        if check.checked or check.problems:
            word = "verified" if check.ok else "REFUSED "
            lines.append(f"{word}  {check.name:<12} {check.checked:>9,}  {check.meaning}")
            lines += [f"          - {problem}" for problem in check.problems]
    if not report.ok:
        more = len(report.problems) - 1
        first = report.problems[0] if report.problems else "nothing could be checked"
        return [*lines, f"REFUSED: {first}" + (f" (and {more} more)" if more > 0 else "")]
    lines += [f"not checked: {plain(one)}" for one in report.unchecked]
    about = report.about
    lines.append(f"log:         {plain(str(about.get('origin')))}, {about.get('size')} entries")
    lines.append(f"key:         {plain(str(about.get('key')))}")
    lines.append(f"fingerprint: {about.get('fingerprint')}")
    what = (
        f"{about['kind']} of the account {about['account']}" if "kind" in about else "the signature"
    )
    return [*lines, f"VERIFIED: {plain(what)} and all of the above"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the files of the command line, and end 0 or 1."""
    parser = argparse.ArgumentParser(
        prog="verify.py", description="Checks what a returns ledger handed out, offline."
    )
    parser.add_argument(
        "file", help="a pack (.zip or folder), a log's lines, a proof, or a checkpoint"
    )
    parser.add_argument(
        "second",
        nargs="?",
        help="the entry of the proof, the lines' checkpoint, or consistency.json",
    )
    parser.add_argument("--key", action="append", default=[], help="a verifier key that you trust")
    parser.add_argument("--checkpoint", help="an earlier checkpoint that the log must continue")
    parser.add_argument("--json", action="store_true", help="answer as JSON")
    asked = parser.parse_args(arguments)
    report = Report()
    with report.check("checkpoint", "the checkpoint that you gave can be read"):
        earlier = _file(Path(asked.checkpoint)) if asked.checkpoint else None
        report = verify(asked.file, asked.second, asked.key, earlier)
    text = json.dumps(report.as_json(), indent=2) if asked.json else "\n".join(in_words(report))
    sys.stdout.write(text.encode("ascii", "backslashreplace").decode() + "\n")
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
