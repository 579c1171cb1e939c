"""YAML without its traps: a key given twice is a mistake, and so is a key that is not text."""

from typing import Any

import yaml


class YamlError(ValueError):
    """Text that is not valid YAML, or not strict enough; the message has the line."""


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader that refuses a key given twice, of which YAML silently keeps the last."""

    number_keys = False

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: dict[object, int] = {}
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str) and not (self.number_keys and type(key) is int):
                raise YamlError(f"line {line}: key {key!r} is not text; put it in quotes")
            if key in seen:
                raise YamlError(f"line {line}: key {key!r} is already given in line {seen[key]}; remove one")
            seen[key] = line
        return super().construct_mapping(node, deep)


class _NumberKeysLoader(_StrictLoader):
    number_keys = True


def load(text: str, *, number_keys: bool = False) -> Any:
    """Return what a YAML document holds; with `number_keys` whole numbers may be keys too.

    Raises:
        YamlError: naming the line.
    """
    loader = _NumberKeysLoader if number_keys else _StrictLoader
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506 a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise YamlError(f"{line}not valid YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise YamlError(f"not valid YAML: {' '.join(str(error).split())}") from None
