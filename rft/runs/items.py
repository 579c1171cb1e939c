"""Plain JSON values to DynamoDB attribute values and back, without loss for numbers up to 17 digits."""

from collections.abc import Mapping
from typing import Any


def to_attribute(value: Any) -> dict[str, Any]:
    """One JSON value as a DynamoDB attribute value.

    Raises:
        TypeError: for a value that JSON does not have.
    """
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int | float):
        return {"N": repr(value)}
    if isinstance(value, Mapping):
        return {"M": to_item(value)}
    if isinstance(value, list | tuple):
        return {"L": [to_attribute(entry) for entry in value]}
    raise TypeError(f"{type(value).__name__} has no DynamoDB form here; pass JSON values only")


def to_item(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """A JSON object as a DynamoDB item."""
    return {str(key): to_attribute(value) for key, value in document.items()}


def from_attribute(attribute: Mapping[str, Any]) -> Any:
    """The JSON value of a DynamoDB attribute value; sets and binaries are not used here."""
    ((kind, value),) = attribute.items()
    if kind == "NULL":
        return None
    if kind == "N":
        return int(value) if value.lstrip("-").isdigit() else float(value)
    if kind == "M":
        return from_item(value)
    if kind == "L":
        return [from_attribute(entry) for entry in value]
    return value


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object of a DynamoDB item."""
    return {key: from_attribute(value) for key, value in item.items()}
