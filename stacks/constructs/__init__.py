"""Constructs of the two stacks, one responsibility each."""
