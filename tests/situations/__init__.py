"""The twenty situations that the product exists for, each lived through at the command line."""
