"""Symbolic mathematics: equal in meaning pays, hostile expressions cost little, no process is left behind."""

import os
import subprocess
import sys
import sysconfig
import textwrap
import time
from pathlib import Path

import pytest

from rft.rewards import MissingReferenceError, Sample
from rft.rewards.staging import stage_reward
from rft.rewards.symbolic import symbolic_answer
from rft.rewards.symbolic_child import EQUAL
from rft.rewards.symbolic_process import TIMED_OUT, Comparer, SymbolicUnavailableError

SLOW = "\\int_0^1 x^{x^{x^x}} dx"


def value(response: str, reference: object, **options: float) -> float:
    return symbolic_answer(Sample("1", (), response, reference), **options).value


@pytest.mark.parametrize(
    ("reference", "response"),
    [
        ("72", "#### 72"), ("\\frac{1}{2}", "\\boxed{0.5}"), (0.5, "\\boxed{\\frac{1}{2}}"),
        ("1/2", "\\boxed{\\frac{2}{4}}"),
        ("2\\sqrt{3}", "\\boxed{\\sqrt{12}}"), ("x^2+2x+1", "$\\boxed{(x+1)^2}$"), ("x+1", "\\boxed{1+x}"),
        ("(3,4)", "\\boxed{(3, 4)}"), ("\\{1,2\\}", "\\boxed{\\{2,1\\}}"),
        ("\\frac{\\pi}{2}", "The answer is $\\pi/2$."),
        ("We find $\\boxed{2\\pi}$.", "\\boxed{\\pi + \\pi}"), ("so\n#### 2\\pi", "#### 2 \\pi"),
        ({"answer": "$2\\pi$"}, "$2\\pi$"),
        ("e^{2}", "\\boxed{e^2}"), ("x>2", "\\boxed{x > 2}"), ("x>2", "\\boxed{2 < x}"), ("11_2", "\\boxed{11_2}"),
        ("\\cos^2 x", "\\boxed{1-\\sin^2 x}"), ("\\log_2 8", "\\boxed{3}"), ("2x+1", "\\boxed{y=2x+1}"),
        ("x=5", "\\boxed{5}"), ("\\infty", "\\boxed{\\infty}"),
        ("\\text{east}", "\\boxed{east}"),
        ("\\dfrac{\\sqrt2}{2}", "\\boxed{\\frac{1}{\\sqrt{2}}}"), ("[0,1)", "\\boxed{[0, 1)}"),
        ("\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "\\boxed{\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}}"),
    ],
)  # fmt: skip
def test_the_same_mathematics_earns_everything(reference: object, response: str) -> None:
    assert value(response, reference) == 1.0


@pytest.mark.parametrize(
    ("reference", "response"),
    [
        ("2\\sqrt{3}", "\\boxed{\\sqrt{13}}"), ("x^2+2x+1", "\\boxed{(x+2)^2}"), ("\\pi", "3.14159"),
        ("\\pi", "\\boxed{3.14}"),
        ("(3,4)", "\\boxed{(4,3)}"), ("[0,1)", "\\boxed{[0,1]}"), ("\\frac{1}{2}", "\\boxed{\\frac12, 2}"),
        ("2\\pi", ""),
        ("\\frac{1}{2}", "\\boxed{\\frac12 \\text{ or } 2}"), ("\\sqrt{2}", "#### \\sqrt{2}\n#### \\sqrt{3}"),
        ("2\\pi", "\\boxed{}"),
        ("2x-3y+z=4", "\\boxed{3x-y+z=1}"), ("2x-3y+z=4", "\\boxed{0}"), ("2x-3y+z=4", "\\boxed{4}"),
        ("2\\pi", "\\boxed{2}"),
        ("2\\pi", "\\boxed{2\\pi garbage 2}"), ("Paris", "London"), ("x>2", "\\boxed{x<2}"), ("11_2",
        "\\boxed{11}"), ("\\sqrt{2}", "\\boxed{\\sqrt[3]{2}}"),
        ("(-\\infty,2)", "\\boxed{(-\\infty,2]}"), ("2x", "\\boxed{2y}"),
        ("\\sin x", "\\boxed{\\cos x}"), ("\\frac{a}{b}", "\\boxed{\\frac{b}{a}}"), ("\\pm 2", "\\boxed{2}"),
        ("\\begin{pmatrix}1\\\\2\\end{pmatrix}",
        "\\boxed{\\begin{pmatrix}1\\\\3\\end{pmatrix}}"), ("2\\pi", "\\boxed{1}\\boxed{2}\\boxed{3}\\boxed{2\\pi}"),
    ],
)  # fmt: skip
def test_other_mathematics_or_several_answers_earn_nothing(reference: object, response: str) -> None:
    assert value(response, reference) == 0.0


@pytest.mark.parametrize(
    "reference", [None, "", "\\frac{", True, {}, "9" * 300, "2^{99999}", "\\sqrt{", "0.\\overline{3}"]
)
def test_a_reference_that_is_no_mathematics_is_an_error(reference: object) -> None:
    with pytest.raises(MissingReferenceError):
        value("\\boxed{3}", reference)


@pytest.mark.parametrize(
    "hostile",
    ["9**9**9**9", "9^{9^{9^9}}", "9^9^9^9", "(10^8)!", "1000!", "10!!", "2^{99999999}",
     "9" * 200, "x" * 300, "{" * 100 + "}" * 100,
     "\\sum_{n=1}^{9999} n^{9999}", "\\frac{" * 50 + "1" + "}{2}" * 50, "(x+y+z)^{" + "9" * 50 + "}",
     "\\sqrt{" * 40 + "2" + "}" * 40],
)  # fmt: skip
def test_a_hostile_size_is_refused_before_it_is_parsed(hostile: str) -> None:
    began = time.monotonic()
    score = symbolic_answer(Sample("1", (), f"\\boxed{{{hostile}}}", "2\\pi"))
    assert score.value == 0.0
    assert score.components["undecided"] == 1.0
    assert time.monotonic() - began < 2.0


def test_a_comparison_without_end_is_killed_and_the_next_one_is_judged() -> None:
    began = time.monotonic()
    score = symbolic_answer(Sample("1", (), f"\\boxed{{{SLOW}}}", "2\\pi"), seconds=0.5)
    assert (score.value, score.components["undecided"]) == (0.0, 1.0)
    assert time.monotonic() - began < 20.0  # the start of the process included
    assert value("\\boxed{\\pi + \\pi}", "2\\pi") == 1.0


def test_text_is_never_run(tmp_path: Path) -> None:
    poisoned = tmp_path / "poisoned"
    for payload in (
        "__import__('os').system('touch {}')",
        "\\text{{__import__('os').system('touch {}')}}",
        "eval(\"open('{}','w')\")",
    ):
        assert value(f"\\boxed{{{payload.format(poisoned)}}}", "2\\pi") == 0.0
    assert not poisoned.exists()


def test_the_process_is_kept_and_replaced_after_a_kill() -> None:
    comparer = Comparer()
    assert comparer.compare("2\\pi", "\\pi+\\pi", 5.0) == EQUAL
    first = comparer._process
    assert comparer.compare("2\\pi", "\\pi\\cdot 2", 5.0) == EQUAL
    assert comparer._process is first
    assert comparer.compare("2\\pi", SLOW, 0.2) == TIMED_OUT
    assert first is not None
    assert first.poll() is not None
    assert comparer.compare("2\\pi", "\\pi+\\pi", 5.0) == EQUAL
    comparer.close()
    assert comparer._process is None


def test_the_process_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    comparer = Comparer()
    comparer.compare("1", "2", 5.0)
    assert comparer._process is not None
    environment = Path(f"/proc/{comparer._process.pid}/environ").read_bytes()
    comparer.close()
    assert b"secret" not in environment


def test_a_machine_without_math_verify_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(SymbolicUnavailableError):
        Comparer().compare("1", "2", 1.0)


def test_no_process_outlives_a_killed_parent() -> None:
    program = f"""
        import threading, time
        from rft.rewards.symbolic_process import Comparer
        comparer = Comparer()
        comparer.compare("1", "2", 5.0)
        print(comparer._process.pid, flush=True)
        comparer.compare("1", {SLOW!r}, 60.0)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(0.3)
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 10
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(child)


def test_the_library_is_not_loaded_where_numbers_decide() -> None:
    program = """
        import sys
        from rft.rewards.contract import Sample
        from rft.rewards.symbolic import symbolic_answer, _comparer
        cases = (("72", "#### 72"), ("\\\\frac{1}{2}", "0.5"), ("x+1", "\\\\boxed{x + 1}"), ("72", "x"))
        for reference, response in cases:
            symbolic_answer(Sample("1", (), response, reference))
        assert "sympy" not in sys.modules and _comparer._process is None
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True)


def test_it_works_from_a_deployed_folder(tmp_path: Path) -> None:
    use_case = tmp_path / "algebra"
    use_case.mkdir()
    (use_case / "reward.py").write_text("from rft.rewards import symbolic_answer as reward\n")
    staged = tmp_path / "code"
    closure = stage_reward(Path(__file__).resolve().parents[2], use_case, staged)
    assert "math_verify" in closure.packages
    program = f"""
        import sys
        sys.path[:0] = {[str(staged), sysconfig.get_paths()["purelib"]]!r}
        from reward import reward
        from rft.rewards.batch import score_batch
        answer = {{"role": "assistant", "content": "\\\\boxed{{\\\\sqrt{{12}}}}"}}
        event = [{{"id": 1, "messages": [answer], "metadata": {{"reference_answer": "2\\\\sqrt{{3}}"}}}}]
        assert score_batch(event, reward, seconds=60)[0]["aggregate_reward_score"] == 1.0
    """
    command = [sys.executable, "-I", "-S", "-c", textwrap.dedent(program)]
    subprocess.run(command, check=True, cwd="/", env={"PATH": "/usr/bin"})


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except OSError:
        return False
