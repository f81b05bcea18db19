"""Whether the rules, as shipped, give the answers that their sources give."""
