"""Bad input gets a finding that says where, what and how to mend it; good input gets none."""

import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft import catalogue
from rft.datasets.findings import MAX_SHOWN, Code, Finding
from rft.datasets.lines import read_lines
from rft.datasets.validate import Rules, Validation, validate

RULES = Rules(min_training_records=1, max_records=1000, max_prompt_tokens=100)
DATA = Path(__file__).parents[3] / "shared" / "data"
USER = {"role": "user", "content": "How many?"}


def record(**changes: Any) -> dict[str, Any]:
    return {"messages": [USER], "reference_answer": "4", **changes}


def line(value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"


def check(data: bytes, rules: Rules = RULES) -> Validation:
    return validate({"train": read_lines(io.BytesIO(data), rules.max_line_bytes)}, rules)


def only(outcome: Validation) -> Finding:
    assert len(outcome.findings.shown) == 1, [str(finding) for finding in outcome.findings.shown]
    return outcome.findings.shown[0]


def messages(*roles: str) -> list[dict[str, str]]:
    return [{"role": role, "content": f"text of {number}"} for number, role in enumerate(roles)]


@pytest.mark.parametrize(
    "value",
    [
        record(),
        record(reference_answer={"total": 3}, task_id="x", tools=[]),
        record(messages=[{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]),
        record(messages=messages("system", "user")),
        record(messages=messages("system", "user", "assistant", "user")),
        record(tools=[{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]),
    ],
)
def test_a_sound_record_has_no_findings(value: Any) -> None:
    outcome = check(line(value))
    assert outcome.ok
    assert not outcome.findings.shown
    assert outcome.counts == {"train": 1}


@pytest.mark.parametrize(
    ("data", "code", "where"),
    [
        (b"\xef\xbb\xbf" + line(record()), Code.BYTE_ORDER_MARK, 1),
        (line(record())[:-1] + b"\r\n", Code.CARRIAGE_RETURN, 1),
        (b'{"messages": "\xff"}\n', Code.INVALID_UTF8, 1),
        (line(record()) + b"\n" + line(record(messages=messages("user"))), Code.BLANK_LINE, 2),
        (line(record()) + b'{"messages": [\n', Code.INVALID_JSON, 2),
        (b'{"a": NaN}\n', Code.NOT_A_NUMBER, 1),
        (b'{"a": -Infinity}\n', Code.NOT_A_NUMBER, 1),
        (b'{"a": 1, "a": 2}\n', Code.DUPLICATE_KEY, 1),
        (b"[1, 2]\n", Code.NOT_AN_OBJECT, 1),
        (b"[" * 100_000 + b"\n", Code.INVALID_JSON, 1),
        (b'{"a": ' + b"9" * 5000 + b"}\n", Code.INVALID_JSON, 1),
    ],
)
def test_a_broken_line_is_named_by_file_and_line(data: bytes, code: Code, where: int) -> None:
    finding = next(check(data).findings.of("error"))
    assert (finding.file, finding.line, finding.code) == ("train.jsonl", where, code)
    assert finding.fix


@pytest.mark.parametrize(
    ("value", "code", "path"),
    [
        ({"reference_answer": "4"}, Code.MESSAGES_MISSING, "$.messages"),
        (record(messages=[]), Code.MESSAGES_MISSING, "$.messages"),
        (record(messages=["x", USER]), Code.MESSAGE_MALFORMED, "$.messages[0]"),
        (record(messages=messages("bot", "user")), Code.ROLE_UNKNOWN, "$.messages[0].role"),
        (record(messages=messages("user", "system", "user")), Code.ROLE_ORDER, "$.messages[1].role"),
        (record(messages=messages("user", "assistant")), Code.ROLE_ORDER, "$.messages[1].role"),
        (record(messages=messages("system")), Code.ROLE_ORDER, "$.messages"),
        (record(messages=[{"role": "user", "content": " "}]), Code.CONTENT_EMPTY, "$.messages[0].content"),
        (record(messages=[{"role": "user", "content": []}]), Code.CONTENT_EMPTY, "$.messages[0].content"),
        (record(messages=[{"role": "user"}]), Code.CONTENT_MALFORMED, "$.messages[0].content"),
        (record(messages=[{"role": "user", "content": [{"type": "image"}]}]), Code.CONTENT_MALFORMED,
         "$.messages[0].content"),
        (record(tools={}), Code.TOOLS_MALFORMED, "$.tools"),
        (record(tools=[{"type": "function"}]), Code.TOOLS_MALFORMED, "$.tools[0]"),
        (record(tools=[{"type": "function", "function": {"name": "f"}}] * 2), Code.TOOLS_MALFORMED,
         "$.tools[1].function.name"),
        ({"messages": [USER]}, Code.REFERENCE_MISSING, "$.reference_answer"),
        (record(reference_answer=""), Code.REFERENCE_MISSING, "$.reference_answer"),
        (record(reference_answer={}), Code.REFERENCE_MISSING, "$.reference_answer"),
        (record(reference_answer=4), Code.REFERENCE_MALFORMED, "$.reference_answer"),
        (record(rft={}), Code.RESERVED_KEY, "$.rft"),
    ],
)  # fmt: skip
def test_a_malformed_record_is_named_by_its_json_path(value: Any, code: Code, path: str) -> None:
    finding = only(check(line(value)))
    assert (finding.code, finding.path, finding.severity) == (code, path, "error")


def test_a_reference_free_use_case_needs_no_reference() -> None:
    rules = Rules(1, 10, reference_required=False)
    assert check(line({"messages": [USER]}), rules).ok


def test_a_line_above_the_limit_is_found_in_flat_memory() -> None:
    class Endless(io.RawIOBase):
        left = 40

        def readinto(self, buffer: Any) -> int:
            if not self.left:
                return 0
            self.left -= 1
            data = b"x" * min(len(buffer), 1_000_000)
            buffer[: len(data)] = data
            return len(data)

        def readable(self) -> bool:
            return True

    rules = Rules(0, 10, max_line_bytes=1_000_000)
    tracemalloc.start()
    outcome = validate({"train": read_lines(io.BufferedReader(Endless(), 1_000_000), 1_000_000)}, rules)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert only(outcome).code is Code.LINE_TOO_LONG
    assert peak < 8_000_000


def test_a_20_mb_line_is_an_error_and_the_next_line_is_still_read() -> None:
    long = b'{"x": "' + b"y" * (20 * 2**20) + b'"}\n'
    outcome = check(line(record()) + long + line(record(messages=messages("user"))))
    finding = only(outcome)
    assert (finding.code, finding.line, outcome.counts["train"]) == (Code.LINE_TOO_LONG, 2, 2)
    assert finding.limit == f"{catalogue.MAX_LINE_BYTES / 2**20:g} MB"


def test_an_empty_file_is_an_error() -> None:
    codes = {finding.code for finding in check(b"").findings.shown}
    assert codes == {Code.EMPTY_FILE, Code.TOO_FEW_RECORDS}


@pytest.mark.parametrize(("count", "ok"), [(99, False), (100, True)])
def test_99_records_are_too_few_and_100_enough(count: int, ok: bool) -> None:
    rules = Rules.of(
        catalogue.base_model("amazon.nova-2-lite-v1:0:256k"), reference_required=True, max_prompt_tokens=None
    )
    data = b"".join(line(record(messages=[{"role": "user", "content": f"q{n}"}])) for n in range(count))
    assert check(data, rules).ok is ok


def test_records_held_out_do_not_count_towards_the_minimum() -> None:
    data = [line(record(messages=[{"role": "user", "content": f"q{n}"}])) for n in range(10)]
    rules = Rules(9, 100)
    assert validate({"train": data}, rules).ok
    finding = only(validate({"train": data}, rules, held_out_from_train=0.2))
    assert finding.code is Code.TOO_FEW_RECORDS
    assert "test.jsonl" in finding.fix


def test_train_and_validation_together_must_not_exceed_the_maximum() -> None:
    rows = [line(record(messages=[{"role": "user", "content": f"q{n}"}])) for n in range(6)]
    outcome = validate({"train": rows[:4], "validation": rows[4:]}, Rules(1, 5))
    assert only(outcome).code is Code.TOO_MANY_RECORDS


def test_a_long_prompt_is_a_warning_because_bedrock_drops_it_silently() -> None:
    finding = only(check(line(record(messages=[{"role": "user", "content": "x" * 1000}]))))
    assert (finding.code, finding.severity) == (Code.PROMPT_TOO_LONG, "warning")
    assert finding.limit == "100 tokens"


def test_a_repeated_prompt_is_a_warning() -> None:
    outcome = check(line(record()) + line(record(reference_answer="5")))
    assert outcome.ok
    assert (only(outcome).code, only(outcome).line) == (Code.DUPLICATE_PROMPT, 2)


@pytest.mark.parametrize("order", [("train", "test"), ("test", "train")])
def test_a_prompt_in_train_and_test_is_an_error(order: tuple[str, str]) -> None:
    outcome = validate({split: [line(record())] for split in order}, RULES)
    assert only(outcome).code is Code.LEAKED_PROMPT
    assert not outcome.ok


def test_blocks_and_text_of_the_same_prompt_are_the_same_prompt() -> None:
    blocks = record(messages=[{"role": "user", "content": [{"type": "text", "text": USER["content"]}]}])
    outcome = validate({"train": [line(record())], "test": [line(blocks)]}, RULES)
    assert only(outcome).code is Code.LEAKED_PROMPT


def test_the_first_hundred_findings_are_shown_and_all_are_counted() -> None:
    outcome = check(b"[]\n" * 500)
    assert len(list(outcome.findings.of("error"))) == MAX_SHOWN
    assert outcome.findings.counts["error", Code.NOT_AN_OBJECT] == 500
    assert "500 not_an_object" in outcome.findings.summary()


def test_a_finding_reads_as_one_line_with_place_limit_and_fix() -> None:
    finding = Finding("train.jsonl", 3, Code.LINE_TOO_LONG, "too long", "shorten it", limit="1 MB")
    assert str(finding) == "train.jsonl:3: too long (limit: 1 MB); shorten it"


def test_findings_never_quote_the_data() -> None:
    secret = "TOPSECRET"
    data = b"".join(
        [line(record(messages=[{"role": secret, "content": 5}])), b'{"' + secret.encode() + b'" 1}\n',
         line(record(reference_answer=[secret], tools=secret))]
    )  # fmt: skip
    assert secret not in json.dumps(check(data).to_json())


@given(st.lists(st.binary(max_size=40) | st.just(b'{"messages": [{"role": "user", "content": "x"}]}')))
def test_no_bytes_make_validation_raise(lines: list[bytes]) -> None:
    outcome = check(b"\n".join(lines))
    assert json.dumps(outcome.to_json())


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["messages", "role", "content", "tools", "type", "text", "rft"]), inner
            )
        ),
        max_leaves=20,
    )
)
def test_no_json_makes_validation_raise(value: Any) -> None:
    assert json.dumps(check(line(value)).to_json())


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is absent")
def test_the_dataset_of_awss_own_notebooks_is_valid() -> None:
    folder = DATA / "bedrock-samples"
    with (
        (folder / "rft_train_data.jsonl").open("rb") as train,
        (folder / "rft_test_validation_data.jsonl").open("rb") as test,
    ):
        outcome = validate({"train": read_lines(train), "test": read_lines(test)}, Rules(100, 20_000))
    assert outcome.ok, outcome.findings.summary()
