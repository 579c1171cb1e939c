"""Validation of extracted JSON against a JSON schema (draft 2020-12) with the package jsonschema.

Known limits: `format` is an annotation and not checked, use `pattern`; a `pattern` runs on the model's text, so it
must be linear; give arrays with `uniqueItems` a `maxItems` before it, as comparing objects pair by pair is slow.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any


def is_valid(value: Any, schema: Mapping[str, Any]) -> bool:
    """Tell whether a value obeys a JSON schema; the validator is built once per schema.

    Raises:
        ValueError: when the schema itself is none.
    """
    validator: Any = _validator(json.dumps(schema))
    return bool(validator.is_valid(value))


@lru_cache(maxsize=8)
def _validator(schema: str) -> Any:
    from jsonschema import Draft202012Validator, SchemaError

    parsed = json.loads(schema)
    try:
        Draft202012Validator.check_schema(parsed)
    except SchemaError as error:
        raise ValueError(f"the JSON schema is malformed at {error.json_path}; mend it") from None
    return Draft202012Validator(parsed)
