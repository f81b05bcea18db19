"""Attacks that think: history is rewritten so that it agrees with itself again, rolled back, or signed anew.

Against somebody who can write every file, a checkpoint is the only help: one that this home remembers, one
that somebody else kept, or a key that they know. Each attack says which of them must find it.
"""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from cli.session import Session
from ledger import verify
from ledger.store import Tree, canonical_line, leaf_hash
from tests.cli.terminal import TODAY
from tests.tampering.samples import ACCOUNT, Samples, copied, settled, typed_in
from tests.verifiers import making
from tests.verifiers.making import Signer, b64

MEMORY = "the checkpoints that the home remembers"
KEPT = "a checkpoint that somebody kept"
KEY = "a key that somebody knows"
NOTHING = "the bytes alone"


class Attempt(NamedTuple):
    """An attack that was made: who must find it, and who did."""

    name: str
    must: frozenset[str]
    found: frozenset[str]

    @property
    def missed(self) -> frozenset[str]:
        """Who should have found it and did not."""
        return self.must - self.found


# --- the log ----------------------------------------------------------------------------------


@contextlib.contextmanager
def unguarded(database: Path) -> Iterator[sqlite3.Connection]:
    """The log's file without its triggers, which are back in the end as if nothing had been."""
    with contextlib.closing(sqlite3.connect(database)) as file, file:
        asked = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        triggers = file.execute(asked).fetchall()
        for name, _ in triggers:
            file.execute(f"DROP TRIGGER {name}")
        yield file
        _derive(file)
        for _, sql in triggers:
            file.execute(sql)
    settled(database)


def _derive(file: sqlite3.Connection) -> None:
    """Leaves, tree and tiles anew, so that everything agrees with everything."""
    tree = Tree()
    asked = "SELECT position, stream, version, topic, state, recorded_at FROM entries"
    moment = 0
    for position, stream, version, topic, state, moment in file.execute(
        f"{asked} ORDER BY position"
    ).fetchall():
        line = canonical_line(
            position=position,
            stream=stream,
            version=version,
            topic=topic,
            state=state,
            recorded_at=moment,
        )
        tree.append(leaf_hash(line))
        file.execute("UPDATE entries SET leaf = ? WHERE position = ?", (leaf_hash(line), position))
    file.execute(
        "UPDATE head SET position = ?, recorded_at = ?, peaks = ?", (tree.size, moment, tree.peaks)
    )
    file.execute("DELETE FROM tiles")
    file.executemany("INSERT INTO tiles VALUES (?, ?, ?)", tree.tiles)


def _restate(file: sqlite3.Connection, dice: random.Random) -> None:
    """Another letter in what somebody said."""
    rows = file.execute("SELECT position, state FROM entries").fetchall()
    position, state = dice.choice([row for row in rows if b'"actor":"seller"' in row[1]])
    changed = state.replace(b'"actor":"seller"', b'"actor":"sellen"')
    file.execute("UPDATE entries SET state = ? WHERE position = ?", (changed, position))


def _redate(file: sqlite3.Connection, dice: random.Random) -> None:
    """Recorded a microsecond later than it was."""
    position = dice.choice(file.execute("SELECT position FROM entries").fetchall())[0]
    asked = "UPDATE entries SET recorded_at = recorded_at + 1 WHERE position >= ?"
    file.execute(asked, (position,))


def _drop_last(file: sqlite3.Connection, dice: random.Random) -> None:
    """The log ends some entries earlier."""
    count = dice.randint(1, 3)
    file.execute(
        "DELETE FROM entries WHERE position > (SELECT max(position) FROM entries) - ?", (count,)
    )


def _exchange(file: sqlite3.Connection, dice: random.Random) -> None:
    """Two streams exchange their names."""
    streams = file.execute("SELECT DISTINCT stream FROM entries").fetchall()
    one, other = (name for (name,) in dice.sample(streams, 2))
    for old, new in ((one, "-"), (other, one), ("-", other)):
        file.execute("UPDATE entries SET stream = ? WHERE stream = ?", (new, old))


def _exchange_original(file: sqlite3.Connection, dice: random.Random) -> None:
    """Another file in the place of one, said to be its sealed form."""
    digests = file.execute("SELECT digest FROM originals").fetchall()
    data = dice.randbytes(100)
    file.execute(
        "UPDATE originals SET content = ?, sealed = ? WHERE digest = ?",
        (zlib.compress(data), sha256(data).hexdigest(), dice.choice(digests)[0]),
    )


REWRITINGS: dict[str, Callable[[sqlite3.Connection, random.Random], None]] = {
    "an entry restated, all hashes made anew": _restate,
    "an entry redated, all hashes made anew": _redate,
    "the last entries removed, all hashes made anew": _drop_last,
    "two streams exchanged, all hashes made anew": _exchange,
}


def _finders(home: Path, samples: Samples, folder: Path) -> frozenset[str]:
    """Who finds what was done to a home: the home itself, and those who get an export of it."""
    said = typed_in(home, "verify", "--account", ACCOUNT, "--format", "ndjson")
    found = {MEMORY} if said.code and "checkpoints" in _failed(said.out) else set()
    export = folder / "forged.zip"
    export.unlink(missing_ok=True)
    if typed_in(home, "export", "--all", "-o", export).code == 0:
        found |= _finders_of(export, samples)
    return frozenset(found)


def _failed(out: str) -> set[str]:
    rows = [json.loads(line) for line in out.splitlines()]
    return {row["name"] for row in rows if not row["ok"]}


def _finders_of(pack: Path, samples: Samples) -> set[str]:
    """Who finds that a pack is forged: a stranger, one who knows the key, one who kept a checkpoint."""
    kept = samples.file("checkpoint").read_bytes()
    reports = {
        NOTHING: verify.verify_pack(pack),
        KEY: verify.verify_pack(pack, keys=[samples.key]),
        KEPT: verify.verify_pack(pack, checkpoint=kept),
    }
    return {who for who, report in reports.items() if not report.ok}


def original_exchanged(samples: Samples, folder: Path, dice: random.Random) -> Attempt:
    """The log stays as it is, and a file is another one."""
    name = "an original exchanged for what is said to be its sealed form"
    with copied(samples.home, folder) as home:
        with unguarded(home / "accounts" / ACCOUNT / "ledger.db") as file:
            _exchange_original(file, dice)
        said = typed_in(home, "verify", "--account", ACCOUNT, "--format", "ndjson")
        found = {NOTHING} if "originals" in _failed(said.out) else set()
    return Attempt(name, frozenset({NOTHING}), frozenset(found))


def rewritten(name: str, samples: Samples, folder: Path, dice: random.Random) -> Attempt:
    """The log is rewritten; its checkpoints and keys stay beside it."""
    with copied(samples.home, folder) as home:
        with unguarded(home / "accounts" / ACCOUNT / "ledger.db") as file:
            REWRITINGS[name](file, dice)
        return Attempt(name, frozenset({MEMORY}), _finders(home, samples, folder))


def rolled_back(samples: Samples, folder: Path, _dice: random.Random) -> Attempt:
    """An earlier copy of the log is put back."""
    with copied(samples.home, folder) as home:
        place = Path("accounts") / ACCOUNT / "ledger.db"
        shutil.copy(samples.earlier / place, home / place)
        found = _finders(home, samples, folder)
    return Attempt("an earlier copy of the log put back", frozenset({MEMORY}), found)


def rolled_back_whole(samples: Samples, folder: Path, _dice: random.Random) -> Attempt:
    """An earlier copy of the whole home is put back: only others can know that there was more."""
    with copied(samples.earlier, folder) as home:
        found = _finders(home, samples, folder)
    return Attempt("an earlier copy of the whole home put back", frozenset({KEPT}), found)


def signed_by_the_owner(samples: Samples, folder: Path, dice: random.Random) -> Attempt:
    """Rewritten by the owner, who forgets what was signed and signs anew with the same key."""
    with copied(samples.home, folder) as home:
        account = home / "accounts" / ACCOUNT
        with unguarded(account / "ledger.db") as file:
            dice.choice(list(REWRITINGS.values()))(file, dice)
        (account / "checkpoints.db").unlink()
        found = _finders(home, samples, folder)
    return Attempt("rewritten, and signed anew by the owner's key", frozenset({KEPT}), found)


def signed_by_another(samples: Samples, folder: Path, dice: random.Random) -> Attempt:
    """Rewritten by a thief, who leaves nothing of the keys and signs anew with one of their own."""
    with copied(samples.home, folder) as home:
        account = home / "accounts" / ACCOUNT
        with unguarded(account / "ledger.db") as file:
            dice.choice(list(REWRITINGS.values()))(file, dice)
        for name in ("checkpoints.db", "keys.db"):
            (account / name).unlink()
        found = _finders(home, samples, folder)
    return Attempt("rewritten, and signed anew by another key", frozenset({KEY, KEPT}), found)


# --- packs ------------------------------------------------------------------------------------


def _forged(samples: Samples, folder: Path, dice: random.Random, signer: Any, name: str) -> Path:
    """An export with an entry restated, its tree and signatures made anew by a key."""
    pack = folder / "forged"
    shutil.rmtree(pack, ignore_errors=True)
    shutil.copytree(samples.file("export"), pack)
    lines = (pack / "entries.ndjson").read_bytes().split(b"\n")[:-1]
    chosen = [number for number, line in enumerate(lines) if b'"actor":"seller"' in line]
    number = dice.choice(chosen)
    lines[number] = lines[number].replace(b'"actor":"seller"', b'"actor":"sellen"')
    root = b64(making.root([making.leaf(line) for line in lines]))
    (pack / "entries.ndjson").write_bytes(b"".join(line + b"\n" for line in lines))
    (pack / "checkpoint").write_text(signer(f"{name}\n{len(lines)}\n{root}\n"))
    (pack / "consistency.json").unlink(missing_ok=True)
    _seal_anew(pack, signer, name, root)
    return pack


def _seal_anew(pack: Path, signer: Any, name: str, root: str) -> None:
    """A manifest of the files as they are, signed."""
    manifest = json.loads((pack / "manifest.json").read_bytes())
    manifest["log"].update({"origin": name, "root": root})
    listed = [one for one in manifest["files"] if (pack / one["path"]).exists()]
    for one in listed:
        data = (pack / one["path"]).read_bytes()
        one.update({"bytes": len(data), "sha256": making.hex_of(data)})
    manifest["files"] = listed
    data = making.as_json(manifest)
    (pack / "manifest.json").write_bytes(data)
    text = f"returns-ledger.manifest/1\n{name}\n{making.hex_of(data)}\n"
    (pack / "manifest.note").write_text(signer(text))


def pack_by_the_owner(samples: Samples, folder: Path, dice: random.Random) -> Attempt:
    """An export forged with the owner's own key."""
    workspace = Session(home=samples.home, clock=lambda: TODAY).workspace
    with workspace.log(ACCOUNT) as log:
        notary = workspace.notary(log)
        pack = _forged(samples, folder, dice, notary.sign, notary.origin)
    settled(samples.home / "accounts" / ACCOUNT / "ledger.db")
    found = _finders_of(pack, samples)
    if typed_in(samples.home, "verify", pack).code:
        found.add(MEMORY)
    must = frozenset({KEPT, MEMORY})
    return Attempt("an export restated, and signed by the owner's key", must, frozenset(found))


def pack_by_another(samples: Samples, folder: Path, dice: random.Random) -> Attempt:
    """An export forged with another key, under the name that belongs to it."""
    thief = Signer(dice.randrange(10**9))
    pack = _forged(samples, folder, dice, thief.note, thief.name)
    (pack / "keys.txt").write_text(f"{thief.vkey}\n")
    root = json.loads((pack / "manifest.json").read_bytes())["log"]["root"]
    _seal_anew(pack, thief.note, thief.name, root)
    must = frozenset({KEY, KEPT})
    return Attempt(
        "an export restated, and signed by another key", must, frozenset(_finders_of(pack, samples))
    )


def pack_under_a_stolen_name(samples: Samples, folder: Path, dice: random.Random) -> Attempt:
    """An export forged with another key, under the log's own name."""
    name = samples.key.partition("+")[0]
    thief = Signer(dice.randrange(10**9), name)
    pack = _forged(samples, folder, dice, thief.note, name)
    if dice.random() < 0.5:
        (pack / "keys.txt").write_text(f"{thief.vkey}\n")
        root = json.loads((pack / "manifest.json").read_bytes())["log"]["root"]
        _seal_anew(pack, thief.note, name, root)
    must = frozenset({NOTHING, KEY, KEPT})
    return Attempt(
        "an export restated, and signed under the log's name by another key",
        must,
        frozenset(_finders_of(pack, samples)),
    )


def pack_of_before(samples: Samples, _folder: Path, _dice: random.Random) -> Attempt:
    """An earlier export is shown as if it were the newest."""
    found = frozenset(_finders_of(samples.file("before.zip"), samples))
    return Attempt("an earlier export shown as the newest", frozenset({KEPT}), found)


ATTACKS: tuple[Callable[[Samples, Path, random.Random], Attempt], ...] = (
    *(lambda s, f, d, name=name: rewritten(name, s, f, d) for name in REWRITINGS),
    original_exchanged,
    rolled_back,
    rolled_back_whole,
    signed_by_the_owner,
    signed_by_another,
    pack_by_the_owner,
    pack_by_another,
    pack_under_a_stolen_name,
    pack_of_before,
)
