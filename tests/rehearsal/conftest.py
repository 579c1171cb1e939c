"""Tests of the rehearsal share one local AWS; it needs the emulator's environment (`make local`)."""

import os
from collections.abc import Iterator
from unittest import mock

import pytest

from rehearsal import toolchain
from rehearsal.localaws.cloud import LocalAws
from rehearsal.stage import Stage, attached, deployed
from tests.rehearsal.localaws_support import WAIT_SCALE, Cloud
from tests.rehearsal.rehearse_support import ROOT, USE_CASES, Inbox

HOST_SECRETS = {
    "AWS_ACCESS_KEY_ID": "AKIAHOSTHOSTHOSTHOST",
    "AWS_SECRET_ACCESS_KEY": "host-secret",
    "AWS_SESSION_TOKEN": "host-token",
}


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """The local AWS, started by a process that holds credentials of a real account."""
    local = LocalAws(wait_scale=WAIT_SCALE)
    with mock.patch.dict(os.environ, HOST_SECRETS):
        local.start()
    try:
        yield Cloud(local)
    finally:
        local.stop()


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """The app with every use case, deployed once by the CDK command line."""
    with deployed(toolchain.find(ROOT), USE_CASES, lint=False, tell=lambda text: None) as found:
        yield found


@pytest.fixture
def attached_stage(stage: Stage) -> Iterator[Stage]:
    """Lets this process's clients talk to the stage for one test."""
    with attached(stage.local):
        yield stage


@pytest.fixture(scope="session")
def session_inbox(stage: Stage) -> Inbox:
    return Inbox(stage)


@pytest.fixture
def inbox(session_inbox: Inbox) -> Inbox:
    """The alert topic's messages, from now on."""
    session_inbox.read()
    return session_inbox
