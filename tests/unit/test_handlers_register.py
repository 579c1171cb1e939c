"""RegisterRun and ValidateDataset: what starts a run, what does not, and what a bad dataset is told."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from rft import errors, objects
from rft.runs.force import to_metadata
from rft.runs.record import Status
from tests.unit.run_world import USE_CASE, World, records


@pytest.mark.parametrize(
    "key",
    [
        "train.jsonl",
        f"{USE_CASE}/train.jsonl",
        f"{USE_CASE}/first/test.jsonl",
        f"{USE_CASE}/a/b/train.jsonl",
        "another-use-case/first/train.jsonl",
        f"{USE_CASE}/../train.jsonl",
        f"{USE_CASE}/first/train.jsonl.gz",
    ],
)
def test_an_object_outside_the_prefix_starts_no_run(world: World, key: str) -> None:
    with pytest.raises(errors.BadUpload, match=f"upload to {USE_CASE}/<dataset>/train.jsonl"):
        world.call("register_run", bucket=world.datasets, key=key, execution_arn="execution-1")
    assert world.store.newest() == []


def test_the_same_upload_twice_is_one_run_and_is_counted(world: World) -> None:
    where = world.upload(records(120))
    first = world.call("register_run", execution_arn="execution-1", **where)
    world.store.finish(first["run_id"], Status.SUCCEEDED, None)
    again = world.call("register_run", execution_arn="execution-2", **world.upload(records(120)))
    assert (again["run_id"], again["duplicate"], again["status"]) == (first["run_id"], True, "SUCCEEDED")
    assert world.store.get(first["run_id"]).duplicates == 1
    assert first["timing"] == {"watch_interval_seconds": 900, "approval_timeout_seconds": 72 * 3600}


def test_a_retry_of_the_same_execution_is_no_duplicate(world: World) -> None:
    where = world.upload(records(120))
    assert [world.call("register_run", execution_arn="e", **where)["duplicate"] for _ in range(2)] == [
        False,
        False,
    ]
    assert world.store.get(world.register("e", **where)).attempt == 1


def test_a_failed_run_is_taken_over_as_the_next_attempt(world: World) -> None:
    where = world.upload(records(120))
    run_id = world.register("execution-1", **where)
    world.store.finish(run_id, Status.FAILED, None)
    assert world.register("execution-2", **where) == run_id
    record = world.store.get(run_id)
    assert (record.attempt, record.status, record.execution_arn) == (2, Status.RUNNING, "execution-2")


def test_a_run_whose_execution_died_silently_is_taken_over(world: World) -> None:
    # "execution-1" is no execution that Step Functions knows, as after an abort and the end of its history.
    where = world.upload(records(120))
    run_id = world.register("execution-1", **where)
    assert world.call("register_run", execution_arn="execution-2", **where)["duplicate"] is False
    assert world.store.get(run_id).attempt == 2


def test_of_many_executions_at_once_exactly_one_owns_the_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = world.upload(records(120))
    from rft.runs.config import FunctionConfig
    from rft.runs.registration import new_record

    config = FunctionConfig.read()
    offers = [new_record(config, where["bucket"], where["key"], f"execution-{n}") for n in range(12)]
    for status in (None, Status.FAILED):
        if status:
            world.store.finish(offers[0].run_id, status, None)
        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda offer: world.store.register(offer, lambda _: True), offers))
        assert sum(not answer.duplicate for answer in answers) in {1, 2}
        owners = {answer.record.execution_arn for answer in answers if not answer.duplicate}
        assert world.store.get(offers[0].run_id).execution_arn in owners
        assert status is None or world.store.get(offers[0].run_id).attempt == 2


def test_a_changed_reward_or_dataset_is_another_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    where = world.upload(records(120))
    first = world.register("e1", **where)
    assert world.register("e2", **world.upload(records(121))) != first
    monkeypatch.setenv("RFT_REWARD_CODE_SHA256", "d" * 64)
    assert world.register("e3", **world.upload(records(120))) != first


def test_a_later_upload_changes_nothing_for_a_run_under_way(world: World) -> None:
    run_id = world.register(**world.upload(records(260)))
    world.upload(b"not a dataset")
    assert world.call("validate_dataset", run_id=run_id)["train"] > 150


def test_uploaded_test_and_validation_files_are_used_whole(world: World) -> None:
    world.upload(records(30, first=1000), "validation")
    world.upload(records(40, first=2000), "test")
    run_id = world.register(**world.upload(records(120)))
    assert world.call("validate_dataset", run_id=run_id) == {"train": 120, "validation": 30, "test": 40}


GOOD = records(150)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (records(99), "training records"),
        (b"\xef\xbb\xbf" + GOOD, "byte order mark"),
        (GOOD.replace(b"\n", b"\r\n"), "CRLF"),
        (GOOD + b'{"messages": \n', "train.jsonl:151"),
        (GOOD + b"\xff\xfe\n", "train.jsonl:151"),
        (GOOD + b'{"messages":[{"role":"user","content":"?"}]}\n', "reference"),
        (GOOD + b'{"messages":[{"role":"user","content":"' + b"x" * 20_000_000 + b'"}]}\n', "too long"),
    ],
    ids=["empty", "99 records", "BOM", "CRLF", "broken line", "bad UTF-8", "no reference", "20 MB line"],
)
def test_a_bad_dataset_is_rejected_by_name_with_a_stored_report(
    world: World, data: bytes, words: str
) -> None:
    run_id = world.register(**world.upload(data))
    with pytest.raises(errors.DatasetRejected, match=words):
        world.call("validate_dataset", run_id=run_id)
    report = json.loads(objects.read_bytes(world.artifacts, f"{USE_CASE}/runs/{run_id}/validation.json"))
    assert report["ok"] is False
    assert world.engine.requests == []


def test_too_few_held_out_records_are_refused_before_training(world: World) -> None:
    world.upload(records(3, first=1000), "test")
    run_id = world.register(**world.upload(records(200)))
    with pytest.raises(errors.DatasetRejected, match=r"3 held-out .* gate\.min_prompts"):
        world.call("validate_dataset", run_id=run_id)


def test_the_same_content_is_trained_again_only_for_a_reason(world: World) -> None:
    first = world.register(**world.upload(records(120)))
    world.store.finish(first, Status.SUCCEEDED, None, "execution-1")
    again = world.call("register_run", execution_arn="execution-2", **world.upload(records(120)))
    assert (again["run_id"], again["duplicate"]) == (first, True)
    reason = "the run in March was made with a wrong régime"
    where = world.upload(records(120), **to_metadata(reason))
    forced = world.call("register_run", execution_arn="execution-3", **where)
    assert forced["run_id"] != first
    assert not forced["duplicate"]
    assert world.store.get(forced["run_id"]).forced == reason
    world.store.finish(forced["run_id"], Status.SUCCEEDED, None, "execution-3")
    # The event of the same upload again is still the same run.
    repeated = world.call("register_run", execution_arn="execution-4", **where)
    assert (repeated["run_id"], repeated["duplicate"]) == (forced["run_id"], True)


@pytest.mark.parametrize("reason", ["", "why not", "x" * 301])
def test_a_reason_is_more_than_a_word(reason: str) -> None:
    with pytest.raises(ValueError, match="give a reason"):
        to_metadata(reason)
