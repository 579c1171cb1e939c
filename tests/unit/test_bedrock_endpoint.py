"""Commands ask a real judge where there are credentials and a simulated one elsewhere, and leave no trace."""

import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from rft import aws
from rft.cli.bedrock_endpoint import ENDPOINT_VARIABLE, judge_endpoint
from rft.cli.console import UsageProblem
from rft.reward_settings import Judge, Reward
from rft.rewards import REASONING, judged
from tests.unit.judge_world import sample

REWARD = Reward(judge=Judge(model="amazon.nova-pro-v1:0", votes=2))


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("AWS_") and name != "AWS_CA_BUNDLE":
            monkeypatch.delenv(name)
    monkeypatch.delenv("RFT_JUDGE", raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


def credentials(monkeypatch: pytest.MonkeyPatch, region: str | None = "eu-west-1") -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    if region:
        monkeypatch.setenv("AWS_REGION", region)
        monkeypatch.setenv("AWS_DEFAULT_REGION", region)


def test_without_credentials_the_judge_is_simulated_and_said_to_be(
    capfd: pytest.CaptureFixture[str],
) -> None:
    before = dict(os.environ)
    with judge_endpoint(REWARD):
        assert judged(sample("The cat sat on the mat."), REASONING).value == 1.0
        assert judged(sample("Dogs bark at night."), REASONING).value < 0.3
    assert dict(os.environ) == before
    out, err = capfd.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "no AWS credentials: the judge is simulated and grades by word overlap; measure again with the real one"
    ]


def test_with_credentials_the_judge_is_bedrock_and_said_to_cost(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    credentials(monkeypatch)
    with judge_endpoint(REWARD):
        assert ENDPOINT_VARIABLE not in os.environ
        assert Judge.model_validate_json(os.environ["RFT_JUDGE"]) == REWARD.judge
        assert aws.client("bedrock-runtime").meta.region_name == "eu-west-1"
    assert "amazon.nova-pro-v1:0 on Bedrock in eu-west-1" in capfd.readouterr().err


def test_bedrock_without_a_region_is_a_usage_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials(monkeypatch, region=None)
    with pytest.raises(UsageProblem, match="AWS_DEFAULT_REGION"), judge_endpoint(REWARD, "bedrock"):
        pass


def test_the_simulated_judge_is_taken_where_it_is_chosen_and_real_clients_are_made_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    credentials(monkeypatch)
    with judge_endpoint(REWARD, "simulated"):
        assert judged(sample("The cat sat on the mat."), REASONING).value == 1.0
    client = aws.client("bedrock-runtime")
    assert client.meta.endpoint_url == "https://bedrock-runtime.eu-west-1.amazonaws.com"
    assert client._request_signer._credentials.access_key == "x"
    aws.forget_clients()


def test_inside_of_another_endpoint_that_one_serves(capfd: pytest.CaptureFixture[str]) -> None:
    with judge_endpoint(REWARD):
        outer = os.environ[ENDPOINT_VARIABLE]
        with judge_endpoint(REWARD):
            assert os.environ[ENDPOINT_VARIABLE] == outer
            assert judged(sample("The cat sat on the mat."), REASONING).value == 1.0
    assert len(capfd.readouterr().err.splitlines()) == 1


def test_the_simulator_ends_with_its_user_also_when_that_fails() -> None:
    seen: list[str] = []

    def fail() -> None:
        seen.append(os.environ[ENDPOINT_VARIABLE])
        raise RuntimeError

    with pytest.raises(RuntimeError), judge_endpoint(REWARD, "simulated"):
        fail()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with pytest.raises(urllib.error.URLError):
        opener.open(seen[0], timeout=5)


def test_the_simulator_ends_when_its_standard_input_is_closed() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "rehearsal.bedrock.alone"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip().isdigit()
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_reward_without_a_judge_starts_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    before = dict(os.environ)
    with judge_endpoint(Reward(), "simulated"):
        assert dict(os.environ) == before
    assert capfd.readouterr().err == ""


def test_an_unknown_choice_is_a_usage_problem() -> None:
    with pytest.raises(UsageProblem, match="auto, bedrock, simulated"), judge_endpoint(REWARD, "fake"):
        pass
