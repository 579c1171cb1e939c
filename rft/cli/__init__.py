"""The `rft` command line."""
