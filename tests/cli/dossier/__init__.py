"""The dossier: what it says, what it refuses, and what strangers can prove with it."""
