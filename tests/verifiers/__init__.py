"""Programs of other people, and plain ones of ours that share no code, check what is handed out."""
