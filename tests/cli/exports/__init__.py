"""The compliance export: what it tells, and what others make of it."""
