"""Tests of how people ask."""
