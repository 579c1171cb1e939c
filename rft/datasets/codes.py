"""The kinds of findings: one table, which docs/DATASETS.md repeats and a test compares.

Sources: [ug] Amazon Bedrock user guide, `rft-prepare-data`, `rft-nova-models`; [forge] the validator of
aws/nova-forge-sdk; [novasamp] the validator of amazon-nova-samples; [api] botocore's service models; [json] RFC 8259;
[ours] a limit or a judgement of this project.
"""

from enum import StrEnum
from typing import Any, Literal, Self, cast

Severity = Literal["error", "warning"]
Level = Literal["error", "warning", "ignore"]
Area = Literal["file", "json", "record", "dataset", "quality"]


class Code(StrEnum):
    """What was found; the value appears in reports and in `dataset.severity` of use_case.yaml."""

    area: Area
    severity: Severity
    meaning: str
    source: str

    def __new__(cls, value: str, area: Area, severity: Severity, meaning: str, source: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.area, member.severity, member.meaning, member.source = area, severity, meaning, source
        return member

    @classmethod
    def named(cls, value: str) -> "Code":
        """The code with this value.

        Raises:
            ValueError: when there is none.
        """
        return cast("Code", cast(Any, cls)(value))  # type checkers take the call for `__new__`

    EMPTY_FILE = "empty_file", "file", "error", "The file holds no line", "[ug]"
    BYTE_ORDER_MARK = "byte_order_mark", "file", "error", "The file begins with a byte order mark", "[json]"
    CARRIAGE_RETURN = "carriage_return", "file", "error", "A line ends with CRLF", "[ours]"
    INVALID_UTF8 = "invalid_utf8", "file", "error", "A line is not UTF-8", "[json]"
    BLANK_LINE = "blank_line", "file", "error", "A line is blank", "[ug]"
    LINE_TOO_LONG = "line_too_long", "file", "error", "A line is longer than 10 MB", "[ours]"
    FILE_TOO_LARGE = "file_too_large", "file", "error", "The file is larger than 5 GB", "[ours]"

    INVALID_JSON = "invalid_json", "json", "error", "A line is not JSON", "[json]"
    TOO_DEEP = "too_deep", "json", "error", "The JSON is nested deeper than 64 levels", "[ours]"
    NOT_A_NUMBER = "not_a_number", "json", "error", "NaN or Infinity, which JSON does not have", "[json]"
    NUMBER_TOO_LARGE = "number_too_large", "json", "error", "A number that readers round or refuse", "[json]"
    DUPLICATE_KEY = "duplicate_key", "json", "error", "A key occurs twice in one object", "[json]"
    LONE_SURROGATE = "lone_surrogate", "json", "error", "An escape that is half of a character", "[json]"
    NOT_AN_OBJECT = "not_an_object", "json", "error", "A line is JSON but no object", "[ug]"

    MESSAGES_MISSING = (
        "messages_missing",
        "record",
        "error",
        "`messages` is missing, empty or no list",
        "[ug]",
    )
    MESSAGE_MALFORMED = "message_malformed", "record", "error", "A message is not an object", "[ug]"
    MESSAGE_KEY = (
        "message_key",
        "record",
        "warning",
        "A message has a key that Bedrock does not know",
        "[forge]",
    )
    ROLE_UNKNOWN = "role_unknown", "record", "error", "The role is missing or unknown", "[forge]"
    SYSTEM_NOT_FIRST = "system_not_first", "record", "error", "A system message is not the first", "[forge]"
    NO_USER_MESSAGE = "no_user_message", "record", "error", "There is no user message", "[forge]"
    ASSISTANT_FIRST = (
        "assistant_first",
        "record",
        "error",
        "The conversation begins with the assistant",
        "[api]",
    )
    ASSISTANT_LAST = "assistant_last", "record", "error", "The last message is the answer already", "[ug]"
    CONTENT_MISSING = "content_missing", "record", "error", "A message has no content", "[ug]"
    CONTENT_EMPTY = "content_empty", "record", "error", "A message's content is empty", "[forge]"
    CONTENT_MALFORMED = "content_malformed", "record", "error", "Content is neither text nor blocks", "[ug]"
    CONTENT_NOT_TEXT = "content_not_text", "record", "error", "A content block is not text", "[ug]"
    TOOLS_MALFORMED = "tools_malformed", "record", "error", "`tools` is not a list of functions", "[forge]"
    TOOL_SCHEMA = "tool_schema", "record", "error", "A tool's parameters are no object schema", "[forge]"
    TOOL_NAME_TWICE = "tool_name_twice", "record", "error", "Two tools have one name", "[forge]"
    TOOL_CALL_MALFORMED = "tool_call_malformed", "record", "error", "A tool call is malformed", "[forge]"
    TOOL_RESULT_ORPHAN = "tool_result_orphan", "record", "error", "A tool message answers no call", "[api]"
    REFERENCE_MISSING = "reference_missing", "record", "error", "`reference_answer` is missing", "[ug]"
    REFERENCE_EMPTY = "reference_empty", "record", "error", "`reference_answer` is empty", "[forge]"
    REFERENCE_MALFORMED = (
        "reference_malformed",
        "record",
        "error",
        "The reference is neither text nor object",
        "[forge]",
    )
    RESERVED_KEY = "reserved_key", "record", "error", "The key `rft` is the pipeline's own", "[ours]"
    RESERVED_TEXT = (
        "reserved_text",
        "record",
        "warning",
        "A message holds a token of chat templates",
        "[novasamp]",
    )
    ID_MALFORMED = "id_malformed", "record", "error", "`id` is not a text", "[ug]"
    PROMPT_TOO_LONG = "prompt_too_long", "record", "warning", "Bedrock drops the prompt silently", "[ug]"

    TOO_FEW_RECORDS = "too_few_records", "dataset", "error", "Fewer records than the model needs", "[ug]"
    TOO_FEW_LEFT = "too_few_left", "dataset", "error", "Too few once Bedrock dropped long prompts", "[ug]"
    TOO_MANY_RECORDS = "too_many_records", "dataset", "error", "More records than the model takes", "[ug]"
    DUPLICATE_ID = "duplicate_id", "dataset", "warning", "Two records have one `id`", "[ours]"
    SLICE_MISSING = "slice_missing", "dataset", "warning", "Some records lack the key for slices", "[ours]"

    DUPLICATE_PROMPT = "duplicate_prompt", "quality", "warning", "The prompt occurs before", "[ours]"
    NEAR_DUPLICATE = (
        "near_duplicate",
        "quality",
        "warning",
        "The prompt nearly repeats an earlier one",
        "[ours]",
    )
    CONFLICTING_REFERENCE = (
        "conflicting_reference", "quality", "error", "One prompt has different references", "[ours]",
    )  # fmt: skip
    LEAKED_PROMPT = "leaked_prompt", "quality", "error", "A test prompt is in another file", "[ours]"
    LEAKED_NEARLY = "leaked_nearly", "quality", "error", "A test prompt is nearly in another file", "[ours]"
    LEAKED_PASSAGE = (
        "leaked_passage",
        "quality",
        "warning",
        "A passage of a test prompt is elsewhere",
        "[ours]",
    )
    VALIDATION_OVERLAP = (
        "validation_overlap",
        "quality",
        "warning",
        "A prompt is in train and validation",
        "[ours]",
    )
    REFERENCE_SCORES_LOW = (
        "reference_scores_low",
        "quality",
        "error",
        "The reward refuses a reference",
        "[ours]",
    )
    REFERENCE_SKEW = "reference_skew", "quality", "warning", "Most references are the same", "[ours]"
    CLUSTER_SKEW = "cluster_skew", "quality", "warning", "One kind of prompt outweighs the rest", "[ours]"
    LENGTH_OUTLIER = (
        "length_outlier",
        "quality",
        "warning",
        "The prompt is far longer than the others",
        "[ours]",
    )
    VOCABULARY_OUTLIER = (
        "vocabulary_outlier",
        "quality",
        "warning",
        "The prompt reads like no other",
        "[ours]",
    )
    OTHER_LANGUAGE = "other_language", "quality", "warning", "The prompt is in another language", "[ours]"
    PERSONAL_DATA = "personal_data", "quality", "warning", "Personal data in a record", "[ours]"
    SECRET = "secret", "quality", "error", "A credential in a record", "[ours]"
    INJECTION = "injection", "quality", "warning", "Text that orders a judge or a model about", "[ours]"
    FORMAT_MARKER_MISSING = (
        "format_marker_missing", "quality", "warning", "The prompt does not ask for the parsed format", "[ours]",
    )  # fmt: skip
