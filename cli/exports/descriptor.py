"""The data package: describes the tables to programs that have never heard of us (Frictionless)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cli import VERSION
from cli.exports.fields import Field, Kind
from cli.exports.forms import csv
from cli.exports.tables import TABLES, Table

if TYPE_CHECKING:
    from cli.packs import Pack

_TYPES: Final[dict[Kind, dict[str, str]]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "amount": {"type": "number"},
    "day": {"type": "date"},
    "moment": {"type": "datetime", "format": "%Y-%m-%dT%H:%M:%S.%fZ"},
    "list": {"type": "string"},
}


def descriptor(pack: Pack) -> dict[str, Any]:
    """What `datapackage.json` says: each CSV with its size, its SHA-256 and its columns."""
    return {
        "profile": "tabular-data-package",
        "name": f"returns-ledger-{pack.account}",
        "title": f"Export of the returns ledger of {pack.account}",
        "version": VERSION,
        "resources": [_resource(table, pack) for table in TABLES],
    }


def _resource(table: Table, pack: Pack) -> dict[str, Any]:
    path = csv.path_of(table.name)
    written = pack.file(path)
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "title": table.title,
        "description": table.meaning,
        "path": path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": written.bytes,
        "hash": f"sha256:{written.sha256}",
        "schema": {
            "fields": [_field(field) for field in table.fields],
            "missingValues": [""],
            **({"primaryKey": list(table.key)} if table.key else {}),
        },
    }


def _field(field: Field) -> dict[str, Any]:
    said: dict[str, Any] = {"name": field.name, "description": field.meaning, **_TYPES[field.kind]}
    # An empty list is an empty cell, and so is an empty text.
    if not field.optional and field.kind not in ("list", "text"):
        said["constraints"] = {"required": True}
    return said
