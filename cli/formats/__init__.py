"""How an answer is written down: each module turns an answer into text and does nothing else."""

from __future__ import annotations

from typing import Final

FORMATS: Final = ("table", "json", "ndjson", "csv")
"""What can be asked for; `auto` is a table on a terminal and ndjson anywhere else."""
