"""Unit tests that need S3 or DynamoDB share one emulator; every test has an environment of its own in it."""

from collections.abc import Iterator

import pytest

from rehearsal.localaws.cloud import LocalAws
from rft import aws
from rft.runs import step
from tests.unit.run_world import World, emulator, local_reward


@pytest.fixture(scope="session")
def local_aws() -> Iterator[LocalAws]:
    yield from emulator()


@pytest.fixture
def world(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> World:
    """A use case whose model and reward function live in memory."""
    made = World(local_aws)
    for name, value in made.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(step, "engine_for", lambda model: made.engine)
    monkeypatch.setattr(aws, "invoke", local_reward)
    return made
