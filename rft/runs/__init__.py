"""Runs: what identifies one, what is recorded of it, and what only one of them may hold at a time."""
