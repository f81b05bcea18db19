"""Tampering with everything that is kept and handed out: whatever is changed is found, or changes nothing.

`python -m tests.tampering --mutations 100000` tries so many changes and prints what became of them.
"""
