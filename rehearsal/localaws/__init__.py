"""The local AWS: MiniStack in its own virtual environment, with plug-ins that close its gaps."""
