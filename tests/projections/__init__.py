"""What the facts amount to, on both databases."""
