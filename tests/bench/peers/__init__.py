"""Other people's programs doing the same work; each script knows nothing of ours, and runs in their environment."""
