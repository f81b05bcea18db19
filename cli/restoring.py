"""Makes a ledger of an export or a backup again, proves it, and says whether the log may be trusted."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cli.answer import Answer, Column, Line, Row, Section
from cli.output import progress, show
from cli.session import Session
from ledger.errors import LedgerError, StoreTrouble

if TYPE_CHECKING:
    from cli.packs.reading import ReadPack
    from ledger.store import Log

KEYS: Final = "keys/keys.db"
"""Where a backup has the keys, if it has them."""


class ProvedRow(Row, frozen=True, kw_only=True):
    """One thing that was compared with the pack: how many of it, and where it differs."""

    account: str
    name: str
    ok: bool
    checked: int
    problems: tuple[str, ...]

    @property
    def meaning(self) -> str:
        """What was compared, for a person."""
        return MEANING.get(self.name, "every row follows from the entries as it did")


MEANING: Final = {
    "entries": "each is the same, byte for byte",
    "tree": "they make the root that was signed",
    "originals": "each file is kept, and is the same",
}
COLUMNS: Final = (
    Column("account", "account"),
    Column("name", "compared"),
    Column("ok", "equal"),
    Column("checked", "how many", right=True),
    Column("meaning", "what is proved", wraps=True),
)


def restored(
    session: Session, path: Path, *, account: str | None, keys: Sequence[str], with_keys: bool
) -> list[ProvedRow]:
    """Make the pack's ledger in an account that is empty or not there, and compare the two."""
    from cli.packs.adopting import adopt
    from cli.packs.reading import opened

    workspace = session.workspace
    with opened(path, keys) as pack:
        name = workspace.to_be_written(account or pack.manifest.account)
        session.accounts.append(name)
        with workspace.log(name, to_be_restored=True) as log:
            _refuse_taken(log)
            if with_keys:
                _restore_keys(session, pack, name)
            adopt(pack, log)
            rows = list(_compared(session, pack, log))
            _settle(session, pack, log)
    session.count(entries=pack.manifest.log.size)
    return rows


def compared(
    session: Session, path: Path, *, account: str | None, keys: Sequence[str]
) -> list[ProvedRow]:
    """Compare a ledger that is there with the pack, up to where the pack ends; nothing is changed."""
    from cli.packs.reading import opened

    workspace = session.workspace
    with opened(path, keys) as pack:
        name = workspace.one(account or pack.manifest.account)
        session.accounts.append(name)
        with workspace.log(name) as log:
            rows = list(_compared(session, pack, log))
            more = log.position() - pack.manifest.log.size
            if more > 0:
                session.note(f"{name} has {more:,} entries more, which were recorded since.")
    return rows


def _refuse_taken(log: Log) -> None:
    if entries := log.position():
        raise LedgerError(
            f"the account {log.account} has {entries:,} entries already, and nothing is put over them",
            advice="Give the name of a new one: `returns-ledger restore FILE --into NAME`. "
            "`restore FILE --compare` compares without changing anything.",
        )


def _compared(session: Session, pack: ReadPack, log: Log) -> Iterator[ProvedRow]:
    from cli.packs.adopting import proved

    size = pack.manifest.log.size
    with progress(session, size) as told:

        def folded(done: int, of: int | None) -> None:
            told(f"{log.account}: {done:,} entries folded", done if of else size)

        told(f"{log.account}: comparing", 0)
        for one in proved(pack, log, session.workspace.address(log.account), folded):
            yield ProvedRow(
                account=log.account,
                name=one.name,
                ok=one.ok,
                checked=one.checked,
                problems=one.problems,
            )


def _settle(session: Session, pack: ReadPack, log: Log) -> None:
    """Whether the log goes on from what was signed of it here; where it does not, it takes nothing more."""
    notary = session.workspace.notary(log)
    try:
        notary.refuse_fork(log)
    except StoreTrouble as trouble:
        log.distrusted = trouble
        session.failures.append(trouble)
        return
    if notary.origin != pack.manifest.log.origin:
        session.note(
            f"Here the ledger is signed under the name {notary.origin}, as the keys of "
            f"{pack.manifest.log.origin} are not here; what those signed stays good."
        )


def _restore_keys(session: Session, pack: ReadPack, name: str) -> None:
    """Put the keys where they belong, unless there are some; under another master key they open nothing."""
    from cli.workspace import make_private_folder

    if KEYS not in pack.names:
        raise LedgerError(
            "there are no keys in it",
            file=str(pack.path),
            advice="Leave --with-keys out. Keys are only in a backup made by `backup --with-keys`.",
        )
    with session.workspace.keystore(name) as keystore:
        place = keystore.path
    if place.exists():
        raise LedgerError(
            "there are keys already, and nothing is put over them",
            file=str(place),
            advice="Leave --with-keys out: the keys that are there are newer.",
        )
    make_private_folder(place.parent)
    try:
        _write_keys(pack, place)
        with session.workspace.keystore(name) as keystore:
            for key in keystore.signing_keys():
                keystore.secret_of(key.vkey)
    except (LedgerError, OSError):
        place.unlink(missing_ok=True)  # they open nothing here, and would only be in the way
        raise
    session.note(
        "The keys are back as they were when the backup was made. What was erased since can be "
        "opened again: erase it again (`returns-ledger privacy due`)."
    )


def _write_keys(pack: ReadPack, place: Path) -> None:
    with (
        os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
        pack.open(KEYS) as read,
    ):
        while some := read.read(1 << 20):
            file.write(some)


def show_proved(session: Session, command: str, rows: Sequence[ProvedRow], then: str) -> int:
    """Write the answer; 1 where something differs or the log is not to be trusted."""
    wrong = [Line(f"{row.name}: {one}", "bad", 2) for row in rows for one in row.problems]
    sections = [Section(rows=[_shown(row) for row in rows], columns=COLUMNS)]
    if wrong:
        sections.append(Section(title="What differs", lines=wrong, tone="bad"))
        then = "Keep both as they are, and see what `returns-ledger check` says of the ledger."
    show(
        session,
        Answer(
            command=command,
            kind=ProvedRow,
            rows=rows,
            key="checks",
            sections=sections,
            then=[then],
        ),
    )
    return 1 if wrong or session.failures else 0


class _Shown(ProvedRow, frozen=True, kw_only=True):
    """A comparison with what it proves, for a person."""

    meaning: str


def _shown(row: ProvedRow) -> _Shown:
    return _Shown(
        account=row.account,
        name=row.name,
        ok=row.ok,
        checked=row.checked,
        problems=row.problems,
        meaning=row.meaning,
    )
