"""A large upload is scanned in chunks, and told the same as if it had been read at once."""

import json

import pytest

from rft import errors, objects
from rft.names import RunKeys
from tests.unit.run_world import USE_CASE, World, records


def chunked(world: World) -> None:
    workflow = world.settings.workflow.model_copy(update={"scan_chunk_bytes": 4_096})
    world.settings = world.settings.model_copy(update={"workflow": workflow})
    world.save_settings()


def test_a_small_upload_has_no_chunks(world: World) -> None:
    assert world.call("register_run", execution_arn="e", **world.upload(records(120)))["chunks"] == []


def test_chunks_together_are_validated_like_the_whole(world: World) -> None:
    chunked(world)
    bad = records(300).replace(b'"What is 250 plus 1?"', b'""')
    world.upload(records(60, first=1000), split="test")
    registered = world.call("register_run", execution_arn="e", **world.upload(bad))
    items = registered["chunks"]
    assert len(items) > 5
    assert {item["split"] for item in items} == {"train", "test"}
    for item in reversed(items):  # whatever order they end in
        world.call("scan_chunk", **item)
    with pytest.raises(errors.DatasetRejected, match=r"train\.jsonl:251 at \$\.messages\[0\]\.content"):
        world.call("validate_dataset", run_id=registered["run_id"])
    key = RunKeys(USE_CASE, registered["run_id"]).validation_report
    report = json.loads(objects.read_bytes(world.artifacts, key))
    assert report["records"] == {"train": 300, "test": 60}
    assert [(finding["line"], finding["code"]) for finding in report["findings"]] == [(251, "content_empty")]


def test_a_chunk_that_nobody_scanned_is_no_sound_chunk(world: World) -> None:
    chunked(world)
    registered = world.call("register_run", execution_arn="e", **world.upload(records(300)))
    with pytest.raises(Exception, match=r"NoSuchKey|does not exist"):
        world.call("validate_dataset", run_id=registered["run_id"])
