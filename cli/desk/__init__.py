"""The seller's desk: forms for everything that he tells or decides, on a command line or in a batch."""

from cli.desk.fields import Field
from cli.desk.form import Form, Values, command_of, group_of
from cli.desk.typed import Amount, ClaimType, DayText, NoWords, PartOfRefund, Shown, Text, When

__all__ = [
    "Amount",
    "ClaimType",
    "DayText",
    "Field",
    "Form",
    "NoWords",
    "PartOfRefund",
    "Shown",
    "Text",
    "Values",
    "When",
    "command_of",
    "group_of",
]
