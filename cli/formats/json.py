"""One JSON object that names its schema and the two dates it was asked for."""

from __future__ import annotations

from typing import Any

import msgspec

from cli.answer import Answer


def text(answer: Answer) -> str:
    """The whole answer as one indented object."""
    told: dict[str, Any] = {
        "schema": f"returns-ledger/{answer.command}/1",
        "as_of": answer.as_of,
        "known_at": answer.known_at,
    }
    if answer.whole is not None:
        told.update(msgspec.structs.asdict(answer.whole))
    else:
        told[answer.key] = answer.rows
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n"
