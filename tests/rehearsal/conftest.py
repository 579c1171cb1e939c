"""Tests of the rehearsal share one local AWS; it needs the emulator's environment (`make local`)."""

import os
from collections.abc import Iterator
from unittest import mock

import pytest

from rehearsal.localaws.cloud import LocalAws
from tests.rehearsal.localaws_support import WAIT_SCALE, Cloud

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
