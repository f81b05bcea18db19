"""Tests of the invented seller."""
