"""The compliance export: what was recorded, what follows from it, and how that came about."""

from cli.exports.asked import Asked
from cli.exports.filling import fill
from cli.exports.forms import FORMS

__all__ = ["FORMS", "Asked", "fill"]
