"""A simulated Amazon Bedrock: checks requests as the service does, trains a small policy on real rewards."""
