"""What this use case promises; add the answers that must not be fooled to `golden.jsonl`."""

import json
from pathlib import Path

from rft.rewards import checks
from rft.rewards.contract import Sample, Score
from rft.rewards.loading import load_reward
from rft.rewards.sql_run import build, run

FOLDER = Path(__file__).parent


def test_golden_answers_score_within_their_ranges() -> None:
    assert checks.golden_misses(FOLDER) == []


def test_every_reference_earns_the_top_score() -> None:
    assert checks.reference_misses(FOLDER) == []


def test_the_generator_writes_the_checked_in_sample_again(tmp_path: Path) -> None:
    assert checks.sample_differences(FOLDER, tmp_path) == []


def test_the_result_on_one_database_learned_by_heart_earns_nothing() -> None:
    reward = load_reward(FOLDER)
    for line in (FOLDER / "sample" / "test.jsonl").open(encoding="utf-8"):
        reference = json.loads(line)["reference_answer"]
        gold = reference["ideal_response"].removeprefix("```sql\n").removesuffix("\n```")
        for rows in reference["databases"]:
            result = run(build(reference["schema"], rows), gold, max_rows=20)
            values = ", ".join(f"({', '.join(map(literal, row))})" for row in result.rows)
            answer = f"```sql\nWITH known AS (VALUES {values}) SELECT * FROM known\n```"
            score = reward(Sample("1", (), answer, reference))
            assert isinstance(score, Score)
            assert score.components["runs"] == 1
            assert score.value == 0


def literal(value: object) -> str:
    return "NULL" if value is None else repr(value)
