"""What is handed out: packs."""
