"""One module per command; COMMANDS lists them, in the order in which help shows them.

Help and TAB import the module of the command in question. So whatever needs the store (SQLAlchemy,
eventsourcing: a quarter of a second) is imported where it is used, inside functions.
"""

from __future__ import annotations

from keyword import iskeyword
from typing import Final, NamedTuple


class Listed(NamedTuple):
    """A command as help lists it, before anything of it is imported."""

    name: str
    help: str
    section: str

    def __str__(self) -> str:
        """What the user types."""
        return self.name

    @property
    def module(self) -> str:
        """Where it is: `import` is a word of Python's, so its module is called `import_`."""
        name = self.name.replace("-", "_")
        return f"{__name__}.{name}{'_' if iskeyword(name) else ''}"


BEGIN: Final = "Begin"
DESK: Final = "Say what you do"
ASK: Final = "Ask"
CLAIM: Final = "See what Amazon owes"
RULES: Final = "Know the rules"
TRUST: Final = "Look after the ledger"

COMMANDS: Final[tuple[Listed, ...]] = (
    Listed("demo", "See it all on an invented seller's reports, offline.", BEGIN),
    Listed("import", "Read Amazon's report files into the ledger.", BEGIN),
    Listed("coverage", "Show which days the imported reports speak for.", BEGIN),
    Listed("account", "Begin an account, or list the accounts there are.", BEGIN),
    Listed("order", "Tell of an order and its way to the buyer.", DESK),
    Listed("return", "Record a return: asked for, answered, on its way, received, graded.", DESK),
    Listed(
        "refund", "Record what the buyer gets back: refund, fee, concession, replacement.", DESK
    ),
    Listed("claim", "Record a claim's life: filed, asked about, decided, appealed, paid.", DESK),
    Listed("message", "Record messages with a buyer: when they came and were answered.", DESK),
    Listed("draft", "Write a text for the buyer, the carrier or Amazon; send nothing.", DESK),
    Listed("evidence", "Attach files that show something, list them, get them back.", DESK),
    Listed("note", "Keep a note with an order, an FNSKU or a removal.", DESK),
    Listed("removal", "Record what a removal order brought to your door.", DESK),
    Listed("product", "Say what your goods are, and what one unit costs you.", DESK),
    Listed("terms", "Say on which terms you sell: returns, refunds without one, contact.", DESK),
    Listed(
        "correct", "Take back an entry of yours that was wrong: it stays, and counts no more.", DESK
    ),
    Listed("hold", "Keep an order from being erased while a dispute asks for it.", DESK),
    Listed("batch", "Record many commands at once, one JSON object a line.", DESK),
    Listed("due", "List the deadlines that run out, or write them to a calendar.", ASK),
    Listed("status", "Say where each order and SKU stands.", ASK),
    Listed("story", "Tell everything recorded of an order, an FNSKU or a removal.", ASK),
    Listed("rights", "Say what a buyer may still do, until when and by which rule.", ASK),
    Listed("postage", "Say who bears the postage out and back, and why.", ASK),
    Listed("costs", "List every cost of a return: what, who bears it, how much.", ASK),
    Listed("liability", "Say who bears the cost: seller, buyer, Amazon or a carrier.", ASK),
    Listed("report", "Report on reasons, products, service and policy, with plots.", ASK),
    Listed("audit", "Find what Amazon owes, is about to owe or has underpaid.", CLAIM),
    Listed("fleet", "Audit every account there is, here or by a cluster.", CLAIM),
    Listed("explain", "Show how a finding came about: each test and what decided it.", CLAIM),
    Listed("remedy", "Say for each refund which door is open, and until when.", CLAIM),
    Listed("guard", "Say what speaks against filing a claim, before you file it.", CLAIM),
    Listed("dossier", "Make a dossier on a claim: pages, exhibits and proofs.", CLAIM),
    Listed("rules", "List, search and explain the rules; adopt your own.", RULES),
    Listed("whatif", "Replay the book under other rules; record nothing.", RULES),
    Listed("check", "Prove that log, originals and views still agree.", TRUST),
    Listed("checkpoint", "Sign what the log is, and see what was signed.", TRUST),
    Listed("prove", "Write proofs that anybody can check, offline.", TRUST),
    Listed("export", "Hand out entries, tables and files, with proofs.", TRUST),
    Listed("verify", "Verify an export, a dossier, a proof, or the log itself.", TRUST),
    Listed("backup", "Copy the whole ledger while it is in use.", TRUST),
    Listed("restore", "Make a ledger of a backup again, or compare the two.", TRUST),
    Listed("privacy", "Look after what is personal, and erase it.", TRUST),
    Listed("db", "Grant rights on a server, or copy between stores.", TRUST),
    Listed("rebuild", "Make the views again from the log, or compare them with it.", TRUST),
    Listed("doctor", "Look into the machine: files, rows, entries, cases.", TRUST),
)
