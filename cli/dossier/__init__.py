"""A claim with everything that shows it: a printed dossier, its exhibits untouched, and the proofs of both."""

from cli.dossier.choosing import Chosen, choose, is_finding
from cli.dossier.kinds import KINDS, Kind
from cli.dossier.language import LANGS, Lang
from cli.dossier.matter import Matter, Opener, Wish, gather
from cli.dossier.packing import Made, pack

__all__ = [
    "KINDS",
    "LANGS",
    "Chosen",
    "Kind",
    "Lang",
    "Made",
    "Matter",
    "Opener",
    "Wish",
    "choose",
    "gather",
    "is_finding",
    "pack",
]
