"""cdk-nag finds nothing in any environment that has no written reason, and no reason is stale."""

import time
from pathlib import Path

import pytest

from stacks import nag
from stacks.acknowledgements import ACKNOWLEDGEMENTS, Acknowledged
from stacks.app_factory import build_app
from stacks.constructs.layers import LayerBuild
from tests.stacks.support import ENVIRONMENTS, ROOT


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> nag.Verdict:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LayerBuild, "_install", lambda _, target: target.mkdir(parents=True))
        return nag.judge(build_app(ROOT, out_dir=tmp_path_factory.mktemp("nag") / "out", nag=False))


def test_no_finding_is_without_a_reason(verdict: nag.Verdict) -> None:
    assert [f"{finding.rule} {finding.path}" for finding in verdict.open] == []


def test_no_reason_is_without_a_finding(verdict: nag.Verdict) -> None:
    assert verdict.stale == ()


def test_all_environments_were_judged(verdict: nag.Verdict) -> None:
    judged = {finding.path.split("/")[0] for finding, _ in verdict.acknowledged}
    assert judged == set(ENVIRONMENTS)
    rules = {finding.rule.split("-")[0].split(".")[0] for finding, _ in verdict.acknowledged}
    assert rules == {"AwsSolutions", "NIST", "Serverless"}


def test_every_reason_is_on_named_resources_and_says_something() -> None:
    for entry in ACKNOWLEDGEMENTS:
        assert entry.places
        assert all(place.endswith("/Resource") and "*" not in place for place in entry.places)
        assert len(entry.reason) >= 30


def test_an_open_finding_and_a_stale_reason_fail_the_synthesis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = Acknowledged(finding="AwsSolutions-S1", places=("Gone/Resource",), reason="no longer there")
    monkeypatch.setattr(nag, "ACKNOWLEDGEMENTS", (*ACKNOWLEDGEMENTS[:-1], stale))
    monkeypatch.setattr(LayerBuild, "_install", lambda _, target: target.mkdir(parents=True))
    started = time.monotonic()
    app = build_app(ROOT, out_dir=tmp_path / "out", environments=["dev"])
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    report = (tmp_path / "out" / "validation-report.json").read_text()
    assert "AwsSolutions-SQS3" in report
    assert nag.STALE_RULE in report
    assert time.monotonic() - started < 60
