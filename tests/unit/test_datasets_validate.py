"""Bad input gets a finding that says where, what and how to mend it; good input gets none."""

import io
import json
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rft import catalogue
from rft.datasets.chunks import BytesSource, FileSource
from rft.datasets.codes import Code
from rft.datasets.findings import MAX_SHOWN, Finding
from rft.datasets.outcome import Validation
from rft.datasets.rules import Rules
from rft.datasets.validate import validate
from rft.settings import UseCaseSettings

RULES = Rules(min_training_records=1, max_records=1000, max_prompt_tokens=100, quality=False)
SETTINGS = UseCaseSettings(
    name="sums", description="Adds numbers up", base_model="amazon.nova-2-lite-v1:0:256k"
)
DATA = Path(__file__).parents[3] / "shared" / "data"
CALL = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
}
USER = {"role": "user", "content": "How many?"}


def record(**changes: Any) -> dict[str, Any]:
    return {"messages": [USER], "reference_answer": "4", **changes}


def line(value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"


def check(data: bytes, rules: Rules = RULES) -> Validation:
    return validate({"train": BytesSource(data)}, rules)


def rules_of(least: int, most: int, **changes: Any) -> Rules:
    return Rules(min_training_records=least, max_records=most, quality=False, **changes)


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
        record(messages=[USER, CALL, {"role": "tool", "content": "4", "tool_call_id": "c1"}]),
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
        (b"[" * 100_000 + b"\n", Code.TOO_DEEP, 1),
        (b'{"a": ' + b"[" * 65 + b"]" * 65 + b"}\n", Code.TOO_DEEP, 1),
        (b'{"a": ' + b"9" * 5000 + b"}\n", Code.NUMBER_TOO_LARGE, 1),
        (b'{"a": 1e999}\n', Code.NUMBER_TOO_LARGE, 1),
        (b'{"a": 18446744073709551616}\n', Code.NUMBER_TOO_LARGE, 1),
        (b'{"a": "\\ud800"}\n', Code.LONE_SURROGATE, 1),
        (b'{"\\udc00": 1}\n', Code.LONE_SURROGATE, 1),
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
        (record(messages=[{"content": "x"}, USER]), Code.ROLE_UNKNOWN, "$.messages[0].role"),
        (record(messages=messages("user", "system", "user")), Code.SYSTEM_NOT_FIRST, "$.messages[1].role"),
        (record(messages=messages("user", "assistant")), Code.ASSISTANT_LAST, "$.messages[1].role"),
        (record(messages=messages("assistant", "user")), Code.ASSISTANT_FIRST, "$.messages"),
        (record(messages=messages("system")), Code.NO_USER_MESSAGE, "$.messages"),
        (record(messages=[{"role": "user", "content": " "}]), Code.CONTENT_EMPTY, "$.messages[0].content"),
        (record(messages=[{"role": "user", "content": []}]), Code.CONTENT_EMPTY, "$.messages[0].content"),
        (record(messages=[{"role": "user"}]), Code.CONTENT_MISSING, "$.messages[0].content"),
        (record(messages=[{"role": "user", "content": 7}]), Code.CONTENT_MALFORMED, "$.messages[0].content"),
        (record(messages=[{"role": "user", "content": ["x"]}]), Code.CONTENT_MALFORMED,
         "$.messages[0].content[0]"),
        (record(messages=[{"role": "user", "content": [{"type": "image"}]}]), Code.CONTENT_NOT_TEXT,
         "$.messages[0].content[0]"),
        (record(tools={}), Code.TOOLS_MALFORMED, "$.tools"),
        (record(tools=[{"type": "function"}]), Code.TOOLS_MALFORMED, "$.tools[0]"),
        (record(tools=[{"type": "function", "function": {"name": "f", "parameters": {"type": "array"}}}]),
         Code.TOOL_SCHEMA, "$.tools[0].function.parameters"),
        (record(tools=[{"type": "function", "function": {"name": "f"}}] * 2), Code.TOOL_NAME_TWICE,
         "$.tools[1].function.name"),
        (record(messages=[USER, {"role": "assistant", "tool_calls": [{"id": 1}]}, USER]),
         Code.TOOL_CALL_MALFORMED, "$.messages[1].tool_calls[0]"),
        (record(messages=[USER, {"role": "assistant", "tool_calls": "f"}, USER]),
         Code.TOOL_CALL_MALFORMED, "$.messages[1].tool_calls"),
        (record(messages=[USER, {"role": "tool", "content": "x", "tool_call_id": ["c"]}]),
         Code.TOOL_RESULT_ORPHAN, "$.messages[1].tool_call_id"),
        ({"messages": [USER]}, Code.REFERENCE_MISSING, "$.reference_answer"),
        (record(reference_answer=""), Code.REFERENCE_EMPTY, "$.reference_answer"),
        (record(reference_answer={}), Code.REFERENCE_EMPTY, "$.reference_answer"),
        (record(reference_answer=4), Code.REFERENCE_MALFORMED, "$.reference_answer"),
        (record(id=4), Code.ID_MALFORMED, "$.id"),
        (record(rft={}), Code.RESERVED_KEY, "$.rft"),
    ],
)  # fmt: skip
def test_a_malformed_record_is_named_by_its_json_path(value: Any, code: Code, path: str) -> None:
    finding = only(check(line(value)))
    assert (finding.code, finding.path, finding.severity) == (code, path, "error")


def test_a_reference_free_use_case_needs_no_reference() -> None:
    rules = rules_of(1, 10, reference_required=False)
    assert check(line({"messages": [USER]}), rules).ok


def test_a_line_above_the_limit_is_found_in_flat_memory() -> None:
    class Endless(io.RawIOBase):
        def __init__(self) -> None:
            self.left = 40

        def readinto(self, buffer: Any) -> int:
            if not self.left:
                return 0
            self.left -= 1
            data = b"x" * min(len(buffer), 1_000_000)
            buffer[: len(data)] = data
            return len(data)

        def readable(self) -> bool:
            return True

    class Source:
        size = 40_000_000

        def open(self, start: int) -> io.BufferedReader:
            return io.BufferedReader(Endless(), 1_000_000)

    tracemalloc.start()
    outcome = validate({"train": Source()}, rules_of(0, 10, max_line_bytes=1_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert only(outcome).code is Code.LINE_TOO_LONG
    assert outcome.files["train"].lines == 1
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
    assert check(questions(count), Rules.of(SETTINGS, quality=False)).ok is ok


def questions(count: int) -> bytes:
    return b"".join(line(record(messages=[{"role": "user", "content": f"q{n}"}])) for n in range(count))


def test_records_held_out_do_not_count_towards_the_minimum() -> None:
    data, rules = BytesSource(questions(10)), rules_of(9, 100)
    assert validate({"train": data}, rules).ok
    finding = only(validate({"train": data}, rules, held_out_from_train=0.2))
    assert finding.code is Code.TOO_FEW_RECORDS
    assert "test.jsonl" in finding.fix


def test_train_and_validation_together_must_not_exceed_the_maximum() -> None:
    files = {"train": BytesSource(questions(4)), "validation": BytesSource(questions(2))}
    outcome = validate(files, rules_of(1, 5))
    assert only(outcome).code is Code.TOO_MANY_RECORDS


def test_a_long_prompt_is_a_warning_because_bedrock_drops_it_silently() -> None:
    long = line(record(messages=[{"role": "user", "content": "x" * 1000}]))
    outcome = check(line(record()) + long)
    finding = only(outcome)
    assert (outcome.files["train"].records, outcome.files["train"].too_long) == (2, 1)
    assert (finding.code, finding.severity) == (Code.PROMPT_TOO_LONG, "warning")
    assert finding.limit == "100 tokens"


def test_too_few_records_are_left_when_bedrock_drops_the_long_ones() -> None:
    long = line(record(messages=[{"role": "user", "content": "x" * 1000}]))
    errors = list(
        check(questions(5) + long * 5, rules_of(6, 100, max_prompt_tokens=100)).findings.of("error")
    )
    assert [finding.code for finding in errors] == [Code.TOO_FEW_LEFT]


def test_a_use_case_and_its_environment_decide_how_bad_a_finding_is() -> None:
    long = line(record(messages=[{"role": "user", "content": "x" * 1000}]))
    assert not check(long, replace(RULES, severity={Code.PROMPT_TOO_LONG: "error"})).ok
    ignored = replace(RULES, severity={Code.PROMPT_TOO_LONG: "ignore"})
    outcome = check(line(record()) + long, ignored)
    assert not outcome.findings.shown
    assert not outcome.findings.counts
    dataset = SETTINGS.dataset.changed({Code.SECRET: "warning"}).changed({Code.SECRET: "error"})
    assert Rules.of(SETTINGS.model_copy(update={"dataset": dataset})).level(Code.SECRET) == "error"


def test_the_first_hundred_findings_are_shown_and_all_are_counted() -> None:
    outcome = check(b"[]\n" * 500 + b"{\n")
    lines = [finding.line for finding in outcome.findings.of("error")]
    assert lines == [*range(1, MAX_SHOWN + 1), 501, 0]  # and the first of each other kind
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


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is absent")
def test_the_dataset_of_awss_own_notebooks_is_valid() -> None:
    folder = DATA / "bedrock-samples"
    files = {
        "train": FileSource(folder / "rft_train_data.jsonl"),
        "test": FileSource(folder / "rft_test_validation_data.jsonl"),
    }
    outcome = validate(files, Rules.of(SETTINGS, quality=False))
    assert not outcome.findings.shown
