"""The keys of one account: sealing, opening, finding, and forgetting for good."""
