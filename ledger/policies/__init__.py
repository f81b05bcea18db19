"""One module per kind of claim or duty; POLICIES lists them."""
