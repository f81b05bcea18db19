"""The facts: what happened, as it was told, and what it amounts to by the rules."""
