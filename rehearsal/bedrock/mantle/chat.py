"""Chat completions over the runtime that answers Converse."""

from types import MappingProxyType
from typing import Any, Final

from rehearsal.bedrock.converse import Runtime
from rehearsal.bedrock.errors import ServiceError
from rehearsal.bedrock.mantle.store import MantleStore, new_name, seconds_now
from rehearsal.bedrock.mantle.wire import Caller, MantleError, Request
from rehearsal.bedrock.records import text_of
from rft.catalogue import MODELS

FINISH: Final = MappingProxyType({"end_turn": "stop", "max_tokens": "length"})
TURNS: Final = frozenset({"user", "assistant"})


class Chat:
    """The models and the chat completions API."""

    def __init__(self, store: MantleStore, runtime: Runtime) -> None:
        self._store, self._runtime = store, runtime

    def models(self, caller: Caller, request: Request) -> dict[str, Any]:
        """The base models of this endpoint and the caller's own."""
        own = [model for model, (scope, _) in self._store.models.items() if scope == caller.scope]
        base = [model.model_id for model in MODELS.values() if model.engine == "mantle"]
        rows = [
            {"id": name, "object": "model", "created": 0, "owned_by": "bedrock"} for name in (*base, *own)
        ]
        return {"object": "list", "data": rows}

    def complete(self, caller: Caller, request: Request) -> dict[str, Any]:
        body = request.json()
        model = str(body.get("model"))
        policy = self._store.policy(caller.scope, model)
        if policy is None and model not in MODELS:
            raise MantleError(404, f"The model {model} does not exist or is not yours.")
        try:
            answer = self._runtime.converse(caller.scope, _converse(model, body), policy)
        except ServiceError as error:
            raise MantleError(400, error.message) from None
        usage = answer["usage"]
        message = {"role": "assistant", "content": answer["output"]["message"]["content"][0]["text"]}
        reason = FINISH.get(answer["stopReason"], "stop")
        return {
            "id": new_name("chatcmpl"),
            "object": "chat.completion",
            "created": seconds_now(),
            "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": reason, "logprobs": None}],
            "usage": {
                "prompt_tokens": usage["inputTokens"],
                "completion_tokens": usage["outputTokens"],
                "total_tokens": usage["totalTokens"],
            },
        }


def _converse(model: str, body: dict[str, Any]) -> dict[str, Any]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise MantleError(400, "messages: required")
    texts = [(message.get("role"), text_of(message.get("content"))) for message in messages]
    config: dict[str, Any] = {}
    if "temperature" in body:
        config["temperature"] = body["temperature"]
    if "max_completion_tokens" in body:
        config["maxTokens"] = body["max_completion_tokens"]
    return {
        "modelId": model,
        "system": [{"text": text} for role, text in texts if role in ("system", "developer")],
        "messages": [{"role": role, "content": [{"text": text}]} for role, text in texts if role in TURNS],
        "inferenceConfig": config,
    }
