"""An invented seller whose reports and planted truth ship in the package."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent

REPORTS: Final = _HERE / "reports"
"""The folder of the seller's downloads."""
ANSWER_KEY: Final = _HERE / "answer_key.json"
"""What an audit of them ought to answer."""
