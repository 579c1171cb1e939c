"""The REST-JSON protocol, both ways, driven by botocore's own service model."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import botocore.session
from botocore.model import OperationModel, ServiceModel

from rehearsal.bedrock.errors import ServiceError, invalid
from rehearsal.bedrock.shapes import check

Response = tuple[int, dict[str, str], bytes]
_LABEL = re.compile(r"\{(\w+)\+?\}")


@lru_cache(maxsize=4)
def _service_model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


@dataclass(frozen=True, slots=True)
class Route:
    """How one operation is recognised: method, path pattern, names of the labels in it."""

    operation: OperationModel
    method: str
    pattern: re.Pattern[str]
    labels: tuple[str, ...]


class Wire:
    """Parses requests to, and serialises responses of, one botocore service."""

    def __init__(self, service: str) -> None:
        model = _service_model(service)
        routes = [self._route(model.operation_model(name)) for name in model.operation_names]
        # A path with slashes in a label arrives decoded, so the most specific template must win.
        self._routes = sorted(routes, key=lambda r: -len(_LABEL.sub("", r.operation.http["requestUri"])))
        self._statuses = {
            shape.name: int(shape.metadata.get("error", {}).get("httpStatusCode", 400))
            for shape in model.error_shapes
        }

    @staticmethod
    def _route(operation: OperationModel) -> Route:
        uri = operation.http["requestUri"].split("?")[0]
        labels = tuple(_LABEL.findall(uri))
        literals = [re.escape(part) for part in re.split(r"\{\w+\+?\}", uri)]
        return Route(operation, operation.http["method"], re.compile("(.+)".join(literals) + "/?"), labels)

    def parse(
        self, method: str, path: str, query: Mapping[str, Any] | None, body: bytes
    ) -> tuple[str, dict[str, Any]]:
        """Return the operation's name and its checked parameters, or raise a ServiceError."""
        for route in self._routes:
            match = route.pattern.fullmatch(path) if route.method == method else None
            if match:
                params = self._parameters(route, match.groups(), query or {}, body)
                if route.operation.input_shape is not None:
                    check(params, route.operation.input_shape)
                return route.operation.name, params
        raise ServiceError("UnknownOperationException", f"no operation for {method} {path}")

    def _parameters(
        self, route: Route, values: tuple[str, ...], query: Mapping[str, Any], body: bytes
    ) -> dict[str, Any]:
        shape = route.operation.input_shape
        if shape is None:
            return {}
        labels = dict(zip(route.labels, values, strict=True))
        params = self._body(body)
        for name, member in shape.members.items():
            where = member.serialization.get("location")
            wire_name = member.serialization.get("name", name)
            if where == "uri":
                params[name] = unquote(labels[wire_name])
            elif where == "querystring" and wire_name in query:
                raw = query[wire_name]
                params[name] = _from_query(raw[0] if isinstance(raw, list) else raw, member, name)
        return params

    @staticmethod
    def _body(body: bytes) -> dict[str, Any]:
        if not body:
            return {}
        try:
            params = json.loads(body)
        except ValueError:
            raise ServiceError("SerializationException", "the request body is not JSON") from None
        if not isinstance(params, dict):
            raise ServiceError("SerializationException", "the request body is not a JSON object")
        return params

    def respond(self, operation: str, result: Mapping[str, Any]) -> Response:
        """Serialise a result; a result that does not fit the operation's output is a bug, so it raises."""
        model = next(route.operation for route in self._routes if route.operation.name == operation)
        shape = model.output_shape
        payload = _encode(dict(result), shape) if shape is not None else {}
        status = int(model.http.get("responseCode", 200))
        return status, {"Content-Type": "application/json"}, json.dumps(payload).encode()

    def fail(self, error: ServiceError) -> Response:
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": error.code}
        body = json.dumps({"message": error.message, "__type": error.code}).encode()
        return self._statuses.get(error.code, 400), headers, body


def _from_query(raw: str, shape: Any, name: str) -> Any:
    try:
        if shape.type_name in ("integer", "long"):
            return int(raw)
        if shape.type_name == "boolean":
            return {"true": True, "false": False}[raw]
        if shape.type_name == "timestamp":
            return datetime.fromisoformat(raw.replace("Z", "+00:00"))
    except (ValueError, KeyError):
        raise invalid(f"1 validation error detected: Value at '{name}' is not a {shape.type_name}") from None
    return raw


def _encode(value: Any, shape: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    if shape.type_name == "structure" and not getattr(shape, "is_document_type", False):
        unknown = set(value) - set(shape.members)
        lost = [name for name in shape.required_members if value.get(name) is None]
        if unknown or lost:
            raise ValueError(f"response {shape.name}: unknown {sorted(unknown)}, missing {lost}")
        return {name: _encode(item, shape.members[name]) for name, item in value.items() if item is not None}
    if shape.type_name == "list":
        return [_encode(item, shape.member) for item in value]
    return value
