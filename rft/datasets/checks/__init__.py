"""What looks at the records of a dataset, one module for each kind of check."""
