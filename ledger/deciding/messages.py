"""Refusals of messages: each has a name of its own, and only one that came can be answered."""

from __future__ import annotations

from ledger.case import Ref
from ledger.clocks import when
from ledger.deciding.proposal import Proposal
from ledger.events.messages import AbuseReported, MessageAnswered, MessageReceived, ReviewThreatened
from ledger.values import is_day


def is_new(proposal: Proposal[MessageReceived]) -> None:
    """A message's name is given once."""
    for ref, one in proposal.case.told(MessageReceived):
        if one.message == proposal.event.message:
            proposal.refuse(
                "a message of this name was told before",
                advice="Give another message another name.",
                by=ref,
                found=one.message,
            )


def is_there(proposal: Proposal[MessageAnswered | ReviewThreatened]) -> None:
    """Only a message that came can be answered, or hold a threat."""
    name = proposal.event.message
    if name is None:
        return
    told = [(ref, one) for ref, one in proposal.case.told(MessageReceived) if one.message == name]
    if not told:
        proposal.refuse(
            "no message of this name is known here",
            advice="Record it first: `returns-ledger message received`; check the order it is about.",
            found=name,
        )
    ref, _ = told[0]
    if _before(proposal, ref):
        proposal.refuse(
            f"the message came on {when(ref.occurred_at)}, later than that",
            advice="Check the day given with `--at`.",
            by=ref,
            found=proposal.occurred_at,
        )


def _before(proposal: Proposal[MessageAnswered | ReviewThreatened], ref: Ref) -> bool:
    """True before the message's moment; where either is told with a day only, before its day."""
    if is_day(proposal.occurred_at) or is_day(ref.occurred_at):
        return proposal.day < ref.day
    return proposal.occurred_at < ref.occurred_at


def is_the_answer(proposal: Proposal[MessageAnswered]) -> None:
    """A second answer changes nothing, and a machine's may not count."""
    event, case = proposal.event, proposal.case
    for ref, one in case.told(MessageAnswered):
        if one.message == event.message and not one.automatic:
            proposal.caution(f"the message was answered before (entry {ref.position})")
    rule = proposal.rule("msg.sla")
    counts = rule is None or not rule.states("auto_reply_counts") or rule.flag("auto_reply_counts")
    if event.automatic and not counts and rule is not None:
        proposal.caution(f"an automatic reply is no answer: the message stays open ({rule.id})")


def has_a_cause(proposal: Proposal[AbuseReported]) -> None:
    """A report of abuse is believed where the abuse is recorded."""
    if not proposal.case.told(ReviewThreatened):
        proposal.caution("no threat is recorded: record it with the message that holds it")
