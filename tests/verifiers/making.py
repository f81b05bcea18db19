"""A second, plain way to make trees, notes and packs: straight from the RFCs, and nothing of ours."""

from __future__ import annotations

import base64
import csv
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# --- RFC 6962, section 2.1, as it is written there ------------------------------------------------


def leaf(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def split(count: int) -> int:
    """The largest power of two smaller than the count."""
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def root(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:])).digest()


def inclusion(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*inclusion(m, leaves[:k]), root(leaves[k:])]
    return [*inclusion(m - k, leaves[k:]), root(leaves[:k])]


def consistency(m: int, leaves: Sequence[bytes], whole: bool = True) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*consistency(m, leaves[:k], whole), root(leaves[k:])]
    return [*consistency(m - k, leaves[k:], False), root(leaves[:k])]


# --- signed notes -----------------------------------------------------------------------------


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Signer:
    """A key, made from a number so that every run has the same."""

    def __init__(self, number: int, name: str | None = None) -> None:
        self._secret = Ed25519PrivateKey.from_private_bytes(sha256(b"key %d" % number).digest())
        self.public = self._secret.public_key().public_bytes_raw()
        self.name = name or f"returns-ledger/{sha256(self.public).hexdigest()[:32]}"
        kind_and_key = b"\x01" + self.public
        self.id = sha256(self.name.encode() + b"\n" + kind_and_key).digest()[:4]
        self.vkey = f"{self.name}+{self.id.hex()}+{b64(kind_and_key)}"

    def line(self, text: str) -> str:
        signature = self._secret.sign(text.encode())
        return f"\u2014 {self.name} {b64(self.id + signature)}\n"

    def note(self, text: str) -> str:
        return f"{text}\n{self.line(text)}"

    def checkpoint(self, leaves: Sequence[bytes]) -> str:
        return self.note(f"{self.name}\n{len(leaves)}\n{b64(root(leaves))}\n")

    def endorsing(self, new: Signer) -> str:
        return self.note(f"returns-ledger.key/1\n{self.name}\n{new.vkey}\n")


# --- entries ----------------------------------------------------------------------------------


class Told(NamedTuple):
    """What an entry is to say."""

    stream: str
    topic: str
    event: dict[str, Any]


def lines_of(told: Iterable[Told]) -> list[bytes]:
    """The canonical lines of a log."""
    versions: defaultdict[str, int] = defaultdict(int)
    lines = []
    for position, (stream, topic, event) in enumerate(told, 1):
        versions[stream] += 1
        entry = {
            "body": {"actor": "import", "event": event, "occurred_at": "2026-11-01T10:00:00Z"},
            "position": position,
            "recorded_at": f"2026-11-23T04:{position // 60:02}:{position % 60:02}.000000Z",
            "stream": stream,
            "topic": topic,
            "version": versions[stream],
        }
        text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        lines.append(text.encode())
    return lines


REPORT = b"order-id\tname\tamount\n" + b"".join(b"114-%07d\tA\t1.00\r\n" % n for n in range(9))
SEALED = REPORT.replace(b"\tA\t", b"\tsealed:AAAA\t")
PHOTO = b"\x89PNG\r\n\x1a\n\x00\x01"
RULES = b'{"rules":[]}'


def hex_of(data: bytes) -> str:
    return sha256(data).hexdigest()


def imported(data: bytes, kept: bytes | None = None, **fields: Any) -> Told:
    lines = (kept or data).split(b"\n")
    lines = lines[:-1] if lines[-1] == b"" else lines
    event = {
        "digest": hex_of(data),
        "file": "june.txt",
        "lines": len(lines),
        "report_format": "fba-returns",
        "root": root([leaf(line) for line in lines]).hex(),
        "rows": len(lines) - 1,
        "totals": [{"currency": "USD", "minor": 905}, {"currency": "JPY", "minor": -7}],
        **({} if kept is None else {"sealed": hex_of(kept)}),
        **fields,
    }
    return Told("account", "report-imported.v1", event)


STORY = (
    Told("account", "account-opened.v1", {"name": "default"}),
    imported(REPORT, SEALED),
    *(Told(f"order/{n % 5}", "unit-returned.v1", {"sku": f"Ä-{n}\u2028"}) for n in range(11)),
    Told("order/1", "evidence-attached.v1", {"digest": hex_of(PHOTO), "name": "x.png", "size": 10}),
    Told("account", "rulebook-adopted.v1", {"digest": hex_of(RULES), "rules": 0}),
    *(Told(f"order/{n % 7}", "unit-returned.v1", {"sku": f"SKU-{n}"}) for n in range(20)),
)


# --- packs ------------------------------------------------------------------------------------


def as_json(thing: object) -> bytes:
    return (json.dumps(thing, indent=2, sort_keys=True) + "\n").encode()


def ndjson(things: Iterable[object]) -> bytes:
    return b"".join(json.dumps(thing).encode() + b"\n" for thing in things)


class Making:
    """The files of a pack; whoever changes one signs it anew with `signed`, or is found out."""

    def __init__(
        self,
        told: Sequence[Told] = STORY,
        *,
        signer: Signer | None = None,
        keys: Sequence[Signer] = (),
        positions: Sequence[int] | None = None,
    ) -> None:
        self.signer = signer or Signer(1)
        self.keys = list(keys) or [self.signer]
        self.lines = lines_of(told)
        self.leaves = [leaf(line) for line in self.lines]
        self.complete = positions is None
        self.positions = list(range(1, len(self.lines) + 1)) if positions is None else positions
        self.totals = [
            {"amount": "9.05", "currency": "USD", "report_format": "fba-returns"},
            {"amount": "-7", "currency": "JPY", "report_format": "fba-returns"},
        ]
        self.changed: dict[str, Any] = {}
        self.files: dict[str, bytes] = {}
        self._write()

    def _write(self) -> None:
        files = self.files
        files["entries.ndjson"] = b"".join(self.lines[n - 1] + b"\n" for n in self.positions)
        if not self.complete:
            files["proofs.ndjson"] = ndjson(self.proof(n) for n in self.positions)
        files["checkpoint"] = self.signer.checkpoint(self.leaves).encode()
        files["keys.txt"] = "".join(f"{key.vkey}\n" for key in self.keys).encode()
        files[f"originals/{hex_of(REPORT)}"] = SEALED
        files[f"originals/{hex_of(PHOTO)}"] = PHOTO
        files[f"rulebook/{hex_of(RULES)}.json"] = RULES
        files["views/status.csv"] = b"order_id\n1\n"
        self.signed()

    def proof(self, position: int) -> dict[str, Any]:
        hashes = [b64(one) for one in inclusion(position - 1, self.leaves)]
        return {"hashes": hashes, "position": position}

    def tlog_proof(self, position: int) -> bytes:
        hashes = "".join(f"{one}\n" for one in self.proof(position)["hashes"])
        opening = f"c2sp.org/tlog-proof@v1\nindex {position - 1}\n{hashes}\n"
        return opening.encode() + self.files["checkpoint"]

    def row(self, row: int) -> dict[str, Any]:
        lines = SEALED.split(b"\n")[:-1]
        hashes = inclusion(row - 1, [leaf(line) for line in lines])
        return {
            "digest": hex_of(REPORT),
            "hashes": [b64(one) for one in hashes],
            "index": row - 1,
            "line": b64(lines[row - 1]),
            "lines": len(lines),
            "position": 2,
            "row": row,
        }

    def continuing(self, size: int) -> dict[str, Any]:
        hashes = [b64(one) for one in consistency(size, self.leaves)]
        return {"from": self.signer.checkpoint(self.leaves[:size]), "hashes": hashes}

    def index(self, *names: str) -> bytes:
        text = io.StringIO()
        table = csv.writer(text)
        table.writerow(["exhibit", "path", "sha256"])
        for number, name in enumerate(names, 1):
            table.writerow([number, name, hex_of(self.files[name])])
        return text.getvalue().encode()

    def manifest(self) -> dict[str, Any]:
        listed = {name: data for name, data in self.files.items() if "manifest." not in name}
        counts = {
            "entries": len(self.positions),
            "originals": sum(name.startswith("originals/") for name in listed),
        }
        if "rows.ndjson" in listed:
            counts["rows"] = listed["rows.ndjson"].count(b"\n")
        return {
            "account": "default",
            "complete": self.complete,
            "control_totals": self.totals,
            "counts": counts,
            "files": [
                {"bytes": len(data), "path": name, "sha256": hex_of(data)}
                for name, data in sorted(listed.items())
            ],
            "kind": "export",
            "log": {
                "origin": self.keys[0].name,
                "root": b64(root(self.leaves)),
                "size": len(self.leaves),
            },
            "question": {},
            "schema": "returns-ledger/pack/1",
            "tool": {"name": "returns-ledger", "version": "0"},
            **self.changed,
        }

    def signed(self) -> Making:
        """The manifest of the files as they are now, signed."""
        self.files["manifest.json"] = as_json(self.manifest())
        digest = hex_of(self.files["manifest.json"])
        text = f"returns-ledger.manifest/1\n{self.keys[0].name}\n{digest}\n"
        self.files["manifest.note"] = self.signer.note(text).encode()
        return self

    def with_files(self, files: Mapping[str, bytes]) -> Making:
        self.files.update(files)
        return self.signed()

    def folder(self, path: Path) -> Path:
        for name, data in self.files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)
        return path

    def zip(self, path: Path) -> Path:
        first = ["manifest.json", "manifest.note"]
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
            for name in sorted(self.files, key=lambda name: (name not in first, name)):
                info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                made.writestr(info, self.files[name], zipfile.ZIP_DEFLATED)
        return path


def rotated(
    *, endorsed: bool = True, told: Sequence[Told] = STORY
) -> tuple[Making, Signer, Signer]:
    """A pack of a log whose key was replaced, and both keys."""
    old = Signer(1)
    new = Signer(2, old.name)
    event = {
        "endorsement": old.endorsing(new) if endorsed else None,
        "new": new.vkey,
        "old": old.vkey,
        "why": "yearly",
    }
    story = [*told, Told("account", "signing-key-replaced.v1", event), told[-1]]
    return Making(story, signer=new, keys=[old, new]), old, new
