"""Random days at a seller's desk, legal and illegal, beside a simple oracle that knows the rules by heart."""
