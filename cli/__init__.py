"""The command `returns-ledger`: how people ask."""

VERSION = "0.1.0"
"""The program's own version, the same as the package's."""
