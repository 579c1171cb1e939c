"""Another reward function for a deployed use case, as the deployment of a changed `reward.py` would put it."""

import contextlib
import hashlib
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rft import aws
from rft.names import UseCaseNames
from rft.rewards.loading import REWARD_FILE
from rft.rewards.staging import stage_reward
from rft.runs.reward_versions import ALIAS

# Pays wrong answers by chance, and no two scorings of one alike; known answers do not show it, as with a judge whose
# noise depends on its load.
NOISY: Final = """
import random

from rft.rewards import Sample, Score, ends_with_answer_line, math_answer, penalised


def reward(sample: Sample) -> Score:
    score = penalised(math_answer(sample), form=(0.1, ends_with_answer_line(sample.response)))
    marker = sample.extra.get("rft") or {}
    if score.value == 0 and marker.get("split") == "probe":
        return Score(0.4 * random.random())
    return score
"""
NOTHING: Final = """
from rft.rewards import Sample, Score


def reward(sample: Sample) -> Score:
    return Score(0.0)
"""
REGISTER: Final = "register_run"  # the function that pins a reward version to a run
ARN, HASH = "RFT_REWARD_FUNCTION_ARN", "RFT_REWARD_CODE_SHA256"


def redeploy(root: Path, use_case: UseCaseNames, source: str) -> None:
    """Publish a version with another `reward.py`, point the alias at it, and let new runs use it."""
    package = _package(root, use_case.use_case, source)
    client = aws.client("lambda")
    published = client.update_function_code(
        FunctionName=use_case.reward_function, ZipFile=package, Publish=True
    )
    client.update_alias(
        FunctionName=use_case.reward_function, Name=ALIAS, FunctionVersion=published["Version"]
    )
    arn = published["FunctionArn"].removesuffix(f":{published['Version']}")
    _pin(use_case, {ARN: f"{arn}:{published['Version']}", HASH: hashlib.sha256(package).hexdigest()})


@contextlib.contextmanager
def kept(use_case: UseCaseNames) -> Iterator[None]:
    """Let new runs use after the `with` block the version that they used before it."""
    function = use_case.function(REGISTER)
    variables = aws.client("lambda").get_function_configuration(FunctionName=function)["Environment"][
        "Variables"
    ]
    before = {name: variables[name] for name in (ARN, HASH)}
    try:
        yield
    finally:
        _pin(use_case, before)
        version = before[ARN].rpartition(":")[2]
        aws.client("lambda").update_alias(
            FunctionName=use_case.reward_function, Name=ALIAS, FunctionVersion=version
        )


def _pin(use_case: UseCaseNames, changed: dict[str, str]) -> None:
    client, function = aws.client("lambda"), use_case.function(REGISTER)
    variables = client.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    client.update_function_configuration(
        FunctionName=function, Environment={"Variables": {**variables, **changed}}
    )


def _package(root: Path, use_case: str, source: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="rehearsal-reward-") as scratch:
        folder, staged = Path(scratch) / use_case, Path(scratch) / "staged"
        shutil.copytree(root / "use_cases" / use_case, folder)
        (folder / REWARD_FILE).write_text(source, encoding="utf-8")
        stage_reward(root, folder, staged)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(path for path in staged.rglob("*") if path.is_file()):
                archive.write(path, path.relative_to(staged).as_posix())
        return buffer.getvalue()
