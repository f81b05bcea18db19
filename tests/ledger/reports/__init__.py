"""The reports, each read from the bytes a seller would import."""
