"""Each kind of claim, verdict by verdict and day by day."""
