"""Datasets: what a record is, what is wrong with a file, how it is split, prepared and converted."""
