"""Fills a pack with an export: entries, files, views, tables, and what explains them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from cli.exports.asked import Asked
from cli.exports.descriptor import descriptor
from cli.exports.forms import DEFAULT, FORMS
from cli.exports.material import Material, Said
from cli.exports.procedure import procedure
from cli.exports.schemas import schemas
from cli.exports.tables import TABLES
from cli.packs import as_json, as_trouble

if TYPE_CHECKING:
    from cli.packs import Pack
    from ledger.nearby import Linked


def fill(
    pack: Pack, asked: Asked, streams: Iterable[str], said: Said, linked: Linked | None = None
) -> dict[str, int]:
    """Put everything into the pack that was asked for; gives the rows of each table.

    `streams` are those of the orders asked for, and `linked` finds what they can depend on, so that not the
    whole log need be read for them. Nothing that is kept is opened: what is personal stays sealed.
    """
    with (
        as_trouble(pack.output),
        tempfile.TemporaryDirectory(prefix="returns-ledger-") as folder,
    ):
        material = Material(asked, pack, streams, Path(folder), said, linked)
        pack.entries(None if material.chosen.parts is None else material.chosen.parts)
        _add_files(pack, asked, material)
        views = material.write_views()
        pack.tell("views", {name: msgspec.structs.asdict(view) for name, view in views.items()})
        said("tables", 0)
        rows = {table.name: material.write_table(table) for table in TABLES}
        pack.tell("tables", rows)
        for form in sorted({DEFAULT, *asked.forms}):
            FORMS[form](material, rows)
        for path, schema in schemas(TABLES).items():
            pack.add(path, as_json(schema))
        pack.add("datapackage.json", as_json(descriptor(pack)))
        pack.add("procedure.md", procedure(material, rows, views).encode())
    return rows


def _add_files(pack: Pack, asked: Asked, material: Material) -> None:
    """The files themselves, or the single rows that the entries were read from; the rules in any case."""
    if asked.originals == "all":
        for digest in material.originals():
            pack.original(digest)
    elif asked.orders:
        for entry in material.entries():
            source = entry.source
            if source.digest and source.row and source.digest in pack.naming.reports:
                pack.row(source.digest, source.row)
    rulebook = material.rulebook
    if pack.log.has_original(rulebook.digest):
        pack.rulebook(rulebook.digest)
    else:
        pack.add(f"rulebook/{rulebook.digest}.json", rulebook.to_json())
