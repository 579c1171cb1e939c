"""A rehearsal of the pipeline on one machine: local AWS, simulated Bedrock, scenarios."""
