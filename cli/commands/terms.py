"""Sets the terms on which you sell: your own returns policy, refunds without a return, ways to reach you."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from cli.desk import Field, Form, Values, group_of
from ledger.events.terms import ContactSet, ReturnlessRuleSet, ReturnPolicySet

if TYPE_CHECKING:
    from cli.desk.recording import Desk


def _said(desk: Desk, filled: Values) -> Values:
    """Terms that say nothing would take back what was said before."""
    days = any(filled.get(name) is not None for name in ("window_days", "guarantee_months"))
    if not days and not filled.get("free_returns"):
        raise click.UsageError(
            "Say what your terms are: --window-days, --guarantee-months or --free-returns."
        )
    return filled


FORMS: Final = (
    Form(
        name="returns",
        records=ReturnPolicySet,
        about="account",
        begins=True,
        finish=_said,
        help="""Say what your own terms for returns are, from the day of --at on.

        Amazon's and the law's stand beside them: the later day counts, whatever you set.
        """,
        fields={
            "marketplace": "In which Amazon store; in every one where it is left out.",
            "window_days": "Days from delivery in which you take returns.",
            "guarantee_months": "Months from delivery for which you give a guarantee of your own.",
            "free_returns": "You pay the way back, whatever the reason.",
        },
    ),
    Form(
        name="returnless",
        records=ReturnlessRuleSet,
        about="account",
        begins=True,
        arguments=("name",),
        help="""Say by which rule of yours Amazon refunds without a return.

        It binds every order placed while it stood, also after you dropped it.
        """,
        fields={
            "name": "Your own name for the rule.",
            "active": Field("The rule holds no more.", "drop", opposite=True),
            "max_price": Field("Only up to this price: '25 EUR'.", metavar="AMOUNT"),
            "categories": Field("Only in this category; may be given several times.", "category"),
            "reasons": Field(
                "Only for this reason, in Amazon's code; may be given several times.", "reason"
            ),
            "marketplaces": Field(
                "Only in this Amazon store; may be given several times.", "marketplace"
            ),
        },
    ),
    Form(
        name="contact",
        records=ContactSet,
        about="account",
        begins=True,
        help="""Record that your contact details in Seller Central are up to date.

        The ways only, never the details themselves.
        """,
        fields={"ways": Field("By which way buyers reach you; may be given several times.", "way")},
    ),
)

command = group_of(
    "terms",
    "Say on which terms you sell: returns, refunds without one, contact.",
    "What you set holds from its day on: earlier orders keep the terms they were placed under.",
    FORMS,
)
