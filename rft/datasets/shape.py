"""The shape of one record: messages in their order, tools, reference, keys.

Sources: Amazon Bedrock user guide `rft-prepare-data` (OpenAI chat format, extra keys allowed) and the
validator of aws/nova-forge-sdk (roles, text blocks, tools); where AWS's own validators differ, the documented
form is accepted.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rft.datasets.checks.port import Fault
from rft.datasets.codes import Code
from rft.datasets.messages import message_faults
from rft.datasets.tools import tools_faults
from rft.names import RECORD_KEY
from rft.rewards.contract import REFERENCE_KEY

ID_KEY: Final = "id"


def record_faults(record: Mapping[str, Any], *, reference_required: bool) -> Iterator[Fault]:
    """Yield every fault of a record's shape."""
    if RECORD_KEY in record:
        yield Fault(
            Code.RESERVED_KEY, f"$.{RECORD_KEY}", "the key is reserved for the pipeline", "rename the key"
        )
    if not isinstance(record.get(ID_KEY, ""), str):
        yield Fault(Code.ID_MALFORMED, f"$.{ID_KEY}", "the id is not a text", "write it in quotes")
    messages = record.get("messages")
    if not isinstance(messages, list) or not messages:
        yield Fault(
            Code.MESSAGES_MISSING,
            "$.messages",
            "messages is missing, empty or not a list",
            'write "messages": [{"role": "user", "content": "..."}]',
        )
    else:
        yield from message_faults(messages)
    if "tools" in record:
        yield from tools_faults(record["tools"])
    yield from reference_faults(record.get(REFERENCE_KEY), reference_required)


def reference_faults(reference: Any, required: bool) -> Iterator[Fault]:
    """Yield every fault of a `reference_answer`; None is one that is missing."""
    path = f"$.{REFERENCE_KEY}"
    if reference is None:
        if required:
            yield Fault(
                Code.REFERENCE_MISSING,
                path,
                f"{REFERENCE_KEY} is missing",
                "add it, or set dataset.reference_required: false in use_case.yaml",
            )
    elif not isinstance(reference, str | dict):
        yield Fault(
            Code.REFERENCE_MALFORMED,
            path,
            f"{REFERENCE_KEY} is neither text nor an object",
            "wrap it in text",
        )
    elif not reference or (isinstance(reference, str) and not reference.strip()):
        yield Fault(Code.REFERENCE_EMPTY, path, f"{REFERENCE_KEY} is empty", "fill it in or drop the record")
