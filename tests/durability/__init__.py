"""What is kept when an import is ended by force: every file that was acknowledged, and no part of another."""
