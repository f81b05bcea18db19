"""Sets a dossier as PDF: the same bytes for the same words, accessible, and made to be kept (PDF/A-3a, PDF/UA-1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib.resources import as_file, files
from typing import Any, Final

import msgspec
import typst

from cli.dossier.letters import PLAIN, as_set

STANDARDS: Final = ("a-3a", "ua-1")
TEMPLATE: Final = "dossier.typ"
_NO_SHAPE: Final = "could not be displayed"
"""What the typesetter says of a letter that no typeface has a shape for."""


def set_as_pdf(told: dict[str, Any], attached: Sequence[dict[str, str]], moment: str) -> bytes:
    """The pages as PDF, dated with a moment of the log; what is told is data to the template, never markup.

    `attached` are files inside the PDF: name, text, mime and what they are; their text stays as it is.
    """
    try:
        return _compiled(as_set(told), attached, moment)
    except typst.TypstError as error:
        # A sign may have no shape beside a letter of another typeface: then none is tried that could.
        if _NO_SHAPE not in str(error):
            raise
        return _compiled(as_set(told, known=PLAIN), attached, moment)


def _compiled(told: dict[str, Any], attached: Sequence[dict[str, str]], moment: str) -> bytes:
    data = msgspec.json.encode({**told, "attached": attached}).decode()
    with as_file(files("cli.dossier")) as folder:
        compiled = typst.compile(
            str(folder / TEMPLATE),
            root=str(folder),
            format="pdf",
            sys_inputs={"told": data},
            pdf_standards=list(STANDARDS),
            ignore_system_fonts=True,
            timestamp=int(datetime.fromisoformat(moment).timestamp()),
        )
    assert isinstance(compiled, bytes), "a PDF is one file"
    return compiled
