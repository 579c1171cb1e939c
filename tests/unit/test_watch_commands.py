"""`rft watch`: replays of recorded traces, and the benchmark of the stop policy."""

import json
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import pytest
from typer.testing import CliRunner

from rft.benchmarks.policy_bench import (
    ALL_HARM,
    BASELINES,
    POLICY,
    SOURCES,
    WITHOUT_DIVERSITY,
    low_entropy,
    patience,
    policy_verdict,
    rows,
    run,
)
from rft.benchmarks.traces import HEALTHY, KINDS, PUBLISHED, TUNING, Trace, kind_of, traces
from rft.benchmarks.traces import trace as made_up
from rft.cli.main import app
from rft.monitoring.policy.detectors import DETECTORS
from rft.monitoring.trace import Point, write_trace
from tests.unit import policy_traces as textbook
from tests.unit.policy_traces import ONSET, trace

ROOT = Path(__file__).resolve().parents[2]
runner = CliRunner()


def written(path: Path, points: list[Point]) -> Path:
    path.write_text("".join(write_trace(points)), encoding="utf-8")
    return path


def test_one_file_gives_one_object(tmp_path: Path) -> None:
    file = written(tmp_path / "bad.jsonl", trace(textbook.hacking))
    answer = runner.invoke(app, ["watch", "replay", str(file), "--engine", "mantle", "--json"])
    assert answer.exit_code == 0
    found = json.loads(answer.stdout)
    assert set(found) == {"decision", "step", "reasons"}
    assert found["decision"] == "abort"
    assert ONSET <= found["step"] <= ONSET + 20
    assert {"reward_hacking", "train_validation_gap"} <= {reason["detector"] for reason in found["reasons"]}
    for reason in found["reasons"]:
        assert set(reason) == {
            "detector", "statistic", "threshold", "evidence", "source", "words", "enforced"
        }  # fmt: skip


def test_a_folder_gives_an_object_by_file(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", trace())
    written(tmp_path / "b.jsonl", trace(textbook.saturated))
    (tmp_path / "notes.txt").write_text("no trace")
    found = {}
    for engine in ("nova", "mantle"):
        answer = runner.invoke(app, ["watch", "replay", str(tmp_path), "--engine", engine, "--json"])
        assert answer.exit_code == 0
        found[engine] = {name: each["decision"] for name, each in json.loads(answer.stdout).items()}
    assert found["nova"] == {"a.jsonl": "continue", "b.jsonl": "warn"}
    assert found["mantle"] == {"a.jsonl": "continue", "b.jsonl": "take_checkpoint"}


DOCUMENTED = ("train_reward", "validation_reward", "episode_length", "policy_entropy", "grad_norm", "zero_signal_share",
              "reward_error_rate")  # fmt: skip


@pytest.mark.parametrize("gone", [*DOCUMENTED, None])
def test_a_replay_takes_lines_with_only_the_documented_keys_whatever_is_missing_or_null(
    tmp_path: Path, gone: str | None
) -> None:
    lines = []
    for point in trace(textbook.collapse):
        values = {name: getattr(point, name) for name in DOCUMENTED if name != gone}
        lines.append({"step": point.step, "total_steps": 80, **values})
    nulls = [dict.fromkeys(DOCUMENTED) | line for line in lines]
    answers = []
    for name, each in (("missing", lines), ("null", nulls)):
        file = tmp_path / f"{name}.jsonl"
        file.write_text("\n".join(map(json.dumps, each)), encoding="utf-8")
        told = runner.invoke(app, ["watch", "replay", str(file), "--json"])
        assert told.exit_code == 0
        answers.append(json.loads(told.stdout))
    assert answers[0] == answers[1]
    found = {reason["detector"] for reason in answers[0]["reasons"]}
    assert "diversity_collapse" not in found
    assert ("entropy_collapse" in found) == (gone != "policy_entropy")
    stops = gone not in {"policy_entropy", "train_reward"}
    assert answers[0]["decision"] == ("abort" if stops else "warn" if gone == "train_reward" else "continue")


def test_a_replay_reads_the_diversity_of_answers(tmp_path: Path) -> None:
    lines = [
        {"step": point.step, "train_reward": point.train_reward, "answer_diversity": point.answer_diversity}
        for point in trace(textbook.one_answer)
    ]
    file = tmp_path / "nova.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    found = json.loads(runner.invoke(app, ["watch", "replay", str(file), "--json"]).stdout)
    assert found["decision"] == "abort"
    assert {reason["detector"] for reason in found["reasons"]} == {"diversity_collapse", "learning_stopped"}


def test_people_get_a_table(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", trace())
    written(tmp_path / "b.jsonl", trace(textbook.hacking))
    answer = runner.invoke(app, ["watch", "replay", str(tmp_path)])
    assert answer.exit_code == 0
    assert all(word in answer.stdout for word in ("a.jsonl", "continue", "b.jsonl", "abort"))


def test_limits_of_budget_and_time_are_options(tmp_path: Path) -> None:
    file = str(written(tmp_path / "a.jsonl", trace()))
    spent = json.loads(runner.invoke(app, ["watch", "replay", file, "--budget", "20", "--json"]).stdout)
    assert (spent["decision"], spent["step"], spent["reasons"][0]["detector"]) == ("abort", 21, "budget")
    late = json.loads(runner.invoke(app, ["watch", "replay", file, "--max-hours", "1", "--json"]).stdout)
    assert (late["decision"], late["step"], late["reasons"][0]["detector"]) == ("abort", 37, "deadline")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"step": 1}\n{"step": 2, "grad_norm": "big"}', ("bad.jsonl:2", "grad_norm")),
        (b'{"step": 1}\nnonsense', ("bad.jsonl:2", "Invalid JSON")),
        (b"", ("bad.jsonl:1", "step")),
        (b'{"step": 1, "x": "\xff"}', ("bad.jsonl", "UTF-8")),
    ],
)
@pytest.mark.parametrize("in_folder", [False, True])
def test_a_bad_file_is_named_in_one_line(
    tmp_path: Path, content: bytes, words: tuple[str, ...], in_folder: bool
) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_bytes(content)
    answer = runner.invoke(app, ["watch", "replay", str(tmp_path if in_folder else file), "--json"])
    assert answer.exit_code == 2
    assert answer.stdout == ""
    assert len(answer.stderr.strip().splitlines()) == 1
    assert all(word in answer.stderr for word in words)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for arguments, word in (
        ([str(tmp_path / "none.jsonl")], "none.jsonl"),
        ([str(empty)], "no *.jsonl"),
        ([str(written(tmp_path / "a.jsonl", trace())), "--engine", "other"], "nova or mantle"),
    ):
        answer = runner.invoke(app, ["watch", "replay", *arguments])
        assert answer.exit_code == 2
        assert word in answer.stderr


def test_the_policy_keeps_its_promises_on_a_few_made_up_traces() -> None:
    found = {(row.name, row.kind): row for row in rows(run(PUBLISHED, 200, seed=17))}
    for engine in (POLICY, *SOURCES.values()):
        assert found[engine, HEALTHY].false_stops.value <= 0.05
        harm = found[engine, ALL_HARM]
        assert harm.found is not None
        assert harm.found.value >= (0.85 if engine == POLICY else 0.7)  # of some 20 traces each
        assert harm.delay_share is not None
        assert harm.delay_share <= 0.15
    nothing = found["nothing", ALL_HARM].found
    assert nothing is not None
    assert nothing.value == 0
    assert {name for name, _ in found} == {*BASELINES, *SOURCES.values(), POLICY, WITHOUT_DIVERSITY}
    assert list(SOURCES.values())[:2] == ["policy, nova", "policy, mantle"]
    parts = [found[name, HEALTHY].traces for name in SOURCES.values()]
    assert sum(parts) == found[POLICY, HEALTHY].traces == 100
    assert found[WITHOUT_DIVERSITY, ALL_HARM].traces == found["policy, nova", ALL_HARM].traces


def test_traces_repeat_with_their_seed_and_differ_between_sets() -> None:
    first, again, other = (
        list(traces(*each)) for each in ((TUNING, 4, 1), (TUNING, 4, 1), (PUBLISHED, 4, 1))
    )
    assert first == again
    assert first != other
    assert [each.kind for each in first] == [HEALTHY, KINDS[0], HEALTHY, KINDS[1]]
    assert all((each.onset is None) == (each.kind == HEALTHY) for each in first)


def fields(trace_of: Trace) -> set[str]:
    return {
        name
        for point in trace_of.points
        for name, value in point.model_dump(exclude_none=True, exclude_defaults=True).items()
        if value != {}
    }


def test_a_trace_has_the_fields_of_its_engine() -> None:
    by_source: dict[str, list[set[str]]] = {}
    for each in traces(PUBLISHED, 200, 9):
        by_source.setdefault(each.source, []).append(fields(each))
    of_events = {"policy_entropy", "grad_norm", "policy_loss", "low_reward_share"}
    assert all(not shown & of_events and "validation_reward" in shown for shown in by_source["nova"])
    assert all("validation_reward" not in shown for shown in by_source["mantle"])
    assert all("grad_norm" in shown and "low_reward_share" not in shown for shown in by_source["mantle"])
    for source, low, high in (("nova", 0.5, 0.8), ("mantle", 0.2, 0.5), ("recorded", 0.5, 0.8)):
        told = ["answer_diversity" in shown for shown in by_source[source]]
        assert len(told) > 40
        assert low < sum(told) / len(told) < high
    assert any(of_events <= shown and "answer_diversity" in shown for shown in by_source["recorded"])


def test_a_collapse_is_put_where_a_field_can_show_it() -> None:
    number = 3
    assert kind_of(number) == "entropy collapse"
    unseen = 0
    for seed in range(60):
        each = made_up(TUNING, "entropy collapse", number, seed)
        shares = [p.answer_diversity for p in each.points if p.answer_diversity is not None]
        if "policy_entropy" not in fields(each):
            assert fmean(shares[:5]) > 0.4
            assert fmean(shares[-5:]) < 0.15
            unseen += 1
    assert unseen > 10
    assert all(made_up(TUNING, "hacking", 1, seed).source != "mantle" for seed in range(60))


def test_healthy_answers_lose_half_of_their_diversity_at_most_while_the_reward_is_below_its_ceiling() -> None:
    starts = []
    for seed in range(60):
        each = made_up(TUNING, HEALTHY, 0, seed)
        known = [p for p in each.points if p.answer_diversity is not None and (p.train_reward or 1) < 0.8]
        shares = [p.answer_diversity or 0.0 for p in known]
        if len(shares) > 20:
            starts.append(fmean(shares[:5]))
            assert fmean(shares[-5:]) > 0.5 * starts[-1] - 0.05
    assert min(starts) < 0.3
    assert max(starts) > 0.8


def test_when_the_policy_aborts_does_not_depend_on_the_engine() -> None:
    for each in list(traces(TUNING, 28, 5)):
        steps = {policy_verdict(replace(each, source=engine)).abort for engine in ("nova", "mantle")}
        assert len(steps) == 1


def test_the_baselines_do_what_their_names_say() -> None:
    rewards = [0.1, 0.2, 0.2, None, 0.1, 0.19]
    points = [
        Point(step=step, validation_reward=value, policy_entropy=1 - step / 10)
        for step, value in enumerate(rewards)
    ]
    assert patience(points, 3) == 5
    assert patience(points, 4) is None
    assert low_entropy(points, 0.75) == 3
    assert low_entropy(points, 0.1) is None


def test_the_bench_prints_rows_and_writes_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    arguments = ["watch", "bench", "--traces", "42", "--seed", "3", "--json", "--write", str(page)]
    answer = runner.invoke(app, arguments)
    assert answer.exit_code == 0
    told = json.loads(answer.stdout)
    assert (told["traces"], told["seed"]) == (42, 3)
    assert {row["kind"] for row in told["rows"]} == {HEALTHY, ALL_HARM, *KINDS}
    assert "--traces 42 --seed 3" in page.read_text(encoding="utf-8")


def test_the_published_page_names_every_detector_and_2000_traces() -> None:
    page = (ROOT / "docs/STOP_POLICY.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in page for name in DETECTORS)
    assert "rft watch bench --traces 2000" in page
