"""Reward of a query: what it returns on two databases, and nothing for how it is written."""

from rft.rewards import Sample, Score, penalised, sql_result, token_budget


def reward(sample: Sample) -> Score:
    """Score 1.0 when the query returns what the gold query returns on both databases, in the gold's order where
    the question asks for one, else 0; talk around the query costs up to 0.2."""
    return penalised(
        sql_result(sample, any_column_order=True), concise=(0.2, token_budget(sample, soft=250, hard=800))
    )
