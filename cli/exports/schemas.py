"""JSON Schemas (draft 2020-12) of every line of JSON in an export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from cli.exports.material import columns_of
from ledger.events import EVENT_TYPES
from ledger.store import Body
from projections import PROJECTIONS
from projections.projection import Projection

if TYPE_CHECKING:
    from cli.exports.tables import Table
    from ledger.event import Event

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
DIGEST: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
HASH: Final = {"type": "string", "pattern": "^[A-Za-z0-9+/]{43}=$", "description": "base64"}
COUNT: Final = {"type": "integer", "minimum": 0}
NUMBER: Final = {"type": "integer", "minimum": 1}
HASHES: Final = {"type": "array", "items": HASH}
TEXT: Final = {"type": "string"}


def schemas(tables: Sequence[Table]) -> dict[str, dict[str, Any]]:
    """Every schema under its path in the pack."""
    found = {f"schemas/entries/{kind.TOPIC}.schema.json": _entry(kind) for kind in EVENT_TYPES}
    for projection in PROJECTIONS:
        found[f"schemas/views/{projection.name}.schema.json"] = _view(projection)
    for table in tables:
        found[f"schemas/tables/{table.name}.schema.json"] = _table(table)
    for name, (title, fields, more) in _PACK.items():
        found[f"schemas/{name}.schema.json"] = _object(title, fields, more)
    return found


def _object(
    title: str, required: dict[str, Any], more: dict[str, Any] | None = None, **rest: Any
) -> dict[str, Any]:
    return {
        "$schema": DRAFT,
        "title": title,
        "type": "object",
        "properties": {**required, **(more or {})},
        "required": sorted(required),
        "additionalProperties": False,
        **rest,
    }


def _entry(kind: type[Event]) -> dict[str, Any]:
    """A line of entries.ndjson of one topic."""
    body, parts = _inlined(Body[kind])  # type: ignore[valid-type]
    return _object(
        f"{kind.TOPIC}: {(kind.__doc__ or '').partition(chr(10))[0]}",
        {
            "body": body,
            "position": NUMBER,
            "recorded_at": {"type": "string", "format": "date-time"},
            "stream": TEXT,
            "topic": {"const": kind.TOPIC},
            "version": NUMBER,
        },
        **{"$defs": parts},
    )


def _view(projection: Projection[Any]) -> dict[str, Any]:
    """A line of a view, as the projection keeps it."""
    row, parts = _inlined(projection.row_type)
    told = parts[row["$ref"].rpartition("/")[2]]
    fields = {**told["properties"], "place": NUMBER}
    title = f"{projection.name}, version {projection.version}: {told.get('description', '')}"
    return _object(title, {name: fields[name] for name in columns_of(projection)})


def _table(table: Table) -> dict[str, Any]:
    """A line of a table in NDJSON."""
    row, parts = _inlined(table.kind)
    told = parts.pop(row["$ref"].rpartition("/")[2])
    fields = told["properties"]
    for field in table.fields:
        fields[field.name] = {**fields[field.name], "description": field.meaning}
    made = _object(f"{table.title}: {table.meaning}", fields)
    made["required"] = sorted(told.get("required", []))
    return {**made, "$defs": parts} if parts else made


def _inlined(kind: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    (schema,), parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    return schema, parts


_FILE: Final = {
    "type": "object",
    "properties": {"path": TEXT, "bytes": COUNT, "sha256": DIGEST},
    "required": ["path", "bytes", "sha256"],
}
_TOTAL: Final = {
    "type": "object",
    "properties": {"report_format": TEXT, "currency": TEXT, "amount": TEXT},
    "required": ["report_format", "currency", "amount"],
}
_LOG: Final = {
    "type": "object",
    "properties": {"origin": TEXT, "size": COUNT, "root": HASH},
    "required": ["origin", "size", "root"],
}
_VIEW: Final = {
    "type": "object",
    "properties": {"version": NUMBER, "rows": COUNT, "digest": DIGEST},
    "required": ["version", "rows", "digest"],
}
_PACK: Final[dict[str, tuple[str, dict[str, Any], dict[str, Any] | None]]] = {
    "manifest": (
        "manifest.json: what the pack holds",
        {
            "schema": {"const": "returns-ledger/pack/1"},
            "kind": {"enum": ["export", "dossier", "backup"]},
            "tool": {"type": "object", "properties": {"name": TEXT, "version": TEXT}},
            "account": TEXT,
            "question": {"type": "object"},
            "log": _LOG,
            "complete": {"type": "boolean"},
            "counts": {"type": "object", "additionalProperties": COUNT},
            "control_totals": {"type": "array", "items": _TOTAL},
            "files": {"type": "array", "items": _FILE},
        },
        {
            "views": {"type": "object", "additionalProperties": _VIEW},
            "tables": {"type": "object", "additionalProperties": COUNT},
        },
    ),
    "proofs": (
        "A line of proofs.ndjson: the entry is in the tree of the checkpoint (RFC 6962)",
        {"position": NUMBER, "hashes": HASHES},
        None,
    ),
    "rows": (
        "A line of rows.ndjson: the line is in the file, by the root that its import recorded",
        {
            "digest": DIGEST,
            "position": NUMBER,
            "row": NUMBER,
            "index": COUNT,
            "lines": NUMBER,
            "line": {"type": "string", "contentEncoding": "base64"},
            "hashes": HASHES,
        },
        None,
    ),
    "originals": (
        "A line of originals.ndjson: a file in originals/, as it was delivered and as it is kept",
        {"digest": DIGEST, "bytes": COUNT, "sealed": {"anyOf": [DIGEST, {"type": "null"}]}},
        None,
    ),
    "consistency": (
        "consistency.json: an earlier checkpoint's tree is the beginning of this one's (RFC 6962)",
        {"from": TEXT, "hashes": HASHES},
        None,
    ),
}
