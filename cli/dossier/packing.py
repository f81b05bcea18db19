"""Packs a dossier: the printed pages, the exhibits as they are, and what proves each entry and row of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from cli.dossier.exhibiting import Exhibits, exhibits_of
from cli.dossier.language import Words
from cli.dossier.matter import Matter
from cli.dossier.pages import Seal, printed
from cli.dossier.setting import set_as_pdf
from cli.packs import Pack, as_json
from ledger.store import tlog_proof
from ledger.verify import WORD

if TYPE_CHECKING:
    from ledger.store import Log

PDF: Final = "dossier.pdf"


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What was written."""

    exhibits: Exhibits
    bytes_pdf: int
    checkpoint_size: int
    origin: str


def pack(
    log: Log,
    notary: Any,
    matter: Matter,
    output: Path,
    question: dict[str, Any],
    *,
    reveal: bool = False,
) -> Made:
    """Write the dossier to a .zip or a folder, whole or not at all."""
    words = Words(matter.wish.lang)
    with Pack(
        kind="dossier",
        log=log,
        notary=notary,
        question=question,
        output=output,
        account=matter.account,
    ) as packed:
        exhibits = exhibits_of(log, matter, words, packed.row, reveal=reveal)
        _put_exhibits(packed, exhibits, matter)
        _put_proofs(packed, log, matter)
        seal = Seal(
            origin=notary.origin,
            vkey=notary.keys_at(log, packed.position)[-1],
            size=packed.position,
            root=packed.checkpoint.root,
        )
        told = printed(matter, exhibits, seal, words, revealed=reveal)
        attached = [
            _attached("index.csv", exhibits.index(), "text/csv", words("exhibits")),
            _attached("checkpoint", packed.checkpoint.note, "text/plain", words("checkpoint_root")),
        ]
        pdf = set_as_pdf(told, attached, matter.moment)
        packed.add(PDF, pdf)
    return Made(
        exhibits=exhibits,
        bytes_pdf=len(pdf),
        checkpoint_size=packed.position,
        origin=notary.origin,
    )


def _attached(name: str, text: str, mime: str, what: str) -> dict[str, str]:
    return {"name": name, "text": text, "mime": mime, "what": what}


def _put_exhibits(packed: Pack, exhibits: Exhibits, matter: Matter) -> None:
    for one in exhibits.shown:
        if one.what == "report":
            packed.original(one.digest)
            continue
        assert one.data is not None
        packed.add(one.path, one.data)
        packed.entries(one.entries)
    packed.add("index.csv", exhibits.index().encode())
    absent = [
        {"report": one.digest, "absent": words}
        for one in sorted(matter.silent, key=lambda one: one.digest)
        if (words := [word for word in matter.searched.words if WORD.fullmatch(word)])
    ]
    packed.add("claims.json", as_json(absent))
    if matter.draft is not None:
        text = f"{matter.draft.subject}\n\n{matter.draft.body}"
        packed.add("draft.txt", text.encode())
    if matter.rulebook is not None and packed.log.has_original(matter.rulebook):
        packed.rulebook(matter.rulebook)


def _put_proofs(packed: Pack, log: Log, matter: Matter) -> None:
    """Each entry with its line, and a proof that other people's programs check."""
    positions = sorted(one.position or 0 for one in matter.entries)
    packed.entries(positions)
    for position in positions:
        hashes = log.inclusion(position, packed.position)
        proof = tlog_proof(position - 1, hashes, packed.checkpoint.note)
        packed.add(f"proofs/{position}.tlog-proof", proof.encode())
