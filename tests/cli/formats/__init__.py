"""Each format, as it is read."""
