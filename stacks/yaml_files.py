"""Strict reading of settings files: YAML into a frozen model, every mistake as one line.

A line reads `<file>: <key path>: <what>; <what is allowed>`. A key may appear once only, unlike in
YAML itself.
"""

import types
import typing
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from rft import strict_yaml
from rft.errors import SettingsError

Model = TypeVar("Model", bound=BaseModel)

# By pydantic's error type; `input` is the value found, the rest is pydantic's context.
_MESSAGES: Final = {
    "missing": "missing; it has no default",
    "greater_than_equal": "{input!r} is below {ge:g}",
    "less_than_equal": "{input!r} is above {le:g}",
    "greater_than": "{input!r} is not above {gt:g}",
    "less_than": "{input!r} is not below {lt:g}",
    "literal_error": "{input!r} is unknown; allowed: {expected}",
    "string_type": "{input!r} is not text; put it in quotes",
    "string_pattern_mismatch": "{input!r} does not match {pattern}",
    "string_too_long": "{input!r} has more than {max_length} characters",
    "string_too_short": "{input!r} has fewer than {min_length} characters",
    "value_error": "{error}",
}


def read_model(model: type[Model], path: Path, *, shown_as: str) -> Model:
    """Read a YAML file into a model.

    Raises:
        SettingsError: one line that names the file as `shown_as`, the key and what is allowed there.
    """
    try:
        content = strict_yaml.load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{shown_as}: no such file; every use case and environment needs one") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{shown_as}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except strict_yaml.YamlError as error:
        raise SettingsError(f"{shown_as}: {error}") from None
    if not isinstance(content, dict):
        found = "nothing" if content is None else f"a {type(content).__name__}"
        raise SettingsError(f"{shown_as}: holds {found}, not keys; allowed: {_allowed_keys(model)}")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise SettingsError(describe(error, model, shown_as)) from None


def describe(error: ValidationError, model: type[BaseModel], shown_as: str) -> str:
    """The first mistake as one line, with the number of further ones."""
    found = error.errors(include_url=False)
    rest = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    key = ".".join(str(part) for part in found[0]["loc"])
    line = ": ".join(part for part in (shown_as, key, _what(found[0], model)) if part)
    return f"{' '.join(line.split())}{rest}"


def _what(error: ErrorDetails, model: type[BaseModel]) -> str:
    if error["type"] == "extra_forbidden":
        return f"unknown key; allowed: {_allowed_keys(_model_at(model, error['loc'][:-1]))}"
    context = {"message": f"{error['msg'][0].lower()}{error['msg'][1:]}", **error.get("ctx", {})}
    return _MESSAGES.get(error["type"], "{input!r}: {message}").format(input=error["input"], **context)


def _allowed_keys(model: type[BaseModel]) -> str:
    return ", ".join(sorted(model.model_fields))


def _model_at(model: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel]:
    """The model of which `location` is a member, through optional members too."""
    for name in location:
        if name in model.model_fields:
            annotation = model.model_fields[str(name)].annotation
            options = (
                typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
            )
            model = next(
                (item for item in options if isinstance(item, type) and issubclass(item, BaseModel)), model
            )
    return model
