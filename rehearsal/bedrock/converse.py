"""The runtime's Converse: base models, deployments of custom models, and judges."""

import hashlib
import re
import threading
import time
from collections import Counter
from random import Random
from typing import Any, Final

from rehearsal.bedrock import judge
from rehearsal.bedrock.base_models import base_policy, skill_of
from rehearsal.bedrock.deployments import Deployments
from rehearsal.bedrock.errors import ServiceError, invalid
from rehearsal.bedrock.faults import FaultTable
from rehearsal.bedrock.knowledge import Knowledge
from rehearsal.bedrock.policy import Policy
from rehearsal.bedrock.port import Scope
from rehearsal.bedrock.records import CHARACTERS_PER_TOKEN, Record, prompt_key, text_of
from rehearsal.bedrock.store import Store
from rehearsal.bedrock.strategies import NAMES, VARIANTS, respond
from rehearsal.bedrock.trainer import clip

DEFAULT_TEMPERATURE: Final = 0.7
DEFAULT_MAX_TOKENS: Final = 5000
PROVIDERS: Final = (
    "ai21",
    "amazon",
    "anthropic",
    "cohere",
    "deepseek",
    "google",
    "luma",
    "meta",
    "minimax",
    "mistral",
    "moonshot",
    "nvidia",
    "openai",
    "qwen",
    "stability",
    "twelvelabs",
    "writer",
    "zai",
)
_PROFILE: Final = re.compile(r"(us|eu|apac|jp|au|global)\.")
_UNKNOWN_ANSWER: Final = "Thank you for your question. Could you give me some more details, please?"


class Runtime:
    """Answers Converse requests; deterministic for the same model, prompt and number of the call."""

    def __init__(
        self, store: Store, deployments: Deployments, knowledge: Knowledge, faults: FaultTable
    ) -> None:
        self._store, self._deployments, self._knowledge = store, deployments, knowledge
        self._faults = faults
        self._calls: Counter[str] = Counter()
        self._lock = threading.Lock()

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()

    def converse(self, scope: Scope, params: dict[str, Any], tuned: Policy | None = None) -> dict[str, Any]:
        """Return the operation's result or raise a ServiceError; `tuned` answers in the place of a deployment."""
        began = time.perf_counter()
        messages = params.get("messages") or []
        if not messages or messages[-1]["role"] != "user":
            raise invalid("A conversation must end with a user message.")
        model_id = params["modelId"]
        identity, policy = self._model(scope, model_id) if tuned is None else (model_id, tuned)
        system = [part["text"] for part in params.get("system") or [] if "text" in part]
        turns = [text_of(message["content"]) for message in messages]
        prompt_characters = sum(map(len, system)) + sum(map(len, turns))
        config = params.get("inferenceConfig") or {}
        tool = _forced_tool(params.get("toolConfig"))
        block: dict[str, Any]
        if policy is None and tool is not None:
            arguments = judge.fill((tool.get("inputSchema") or {}).get("json"), "\n".join(turns))
            identifier = "tooluse_" + hashlib.sha256(turns[-1].encode()).hexdigest()[:22]
            block = {"toolUse": {"toolUseId": identifier, "name": tool["name"], "input": arguments}}
            text, reason = str(arguments), "tool_use"
        else:
            if policy is None:
                answer = f"Score: {judge.overlap(chr(10).join(turns)):.2f}"
            else:
                answer = self._answer(identity, policy, prompt_key(system, turns), config.get("temperature"))
            text = clip(answer, int(config.get("maxTokens", DEFAULT_MAX_TOKENS)))
            reason = "end_turn" if text == answer else "max_tokens"
            block = {"text": text}
        used = {"inputTokens": _tokens(prompt_characters), "outputTokens": _tokens(len(text))}
        return {
            "output": {"message": {"role": "assistant", "content": [block]}},
            "stopReason": reason,
            "usage": {**used, "totalTokens": sum(used.values())},
            "metrics": {"latencyMs": max(1, round((time.perf_counter() - began) * 1000))},
        }

    def _answer(self, identity: str, policy: Policy, key: str, temperature: float | None) -> str:
        record = self._knowledge.find(key)
        if record is None:
            return _UNKNOWN_ANSWER
        heat = DEFAULT_TEMPERATURE if temperature is None else float(temperature)
        if self._faults.get("ignore_temperature") is not None:
            heat = 0.0
        if heat <= 0.0:
            return self._respond(record, policy, 0.0, Random(0), 0)
        with self._lock:
            self._calls[f"{identity}{key}"] += 1
            call = self._calls[f"{identity}{key}"]
        random = Random(f"{identity}{key}{call}")
        return self._respond(record, policy, heat, random, random.randrange(VARIANTS))

    def _respond(self, record: Record, policy: Policy, heat: float, random: Random, variant: int) -> str:
        return respond(NAMES[policy.choose(record, heat, random)], record, self._knowledge.corpus, variant)

    def _model(self, scope: Scope, identifier: str) -> tuple[str, Policy | None]:
        """Return what seeds the model's choices and its policy; None for a judge."""
        if ":custom-model-deployment/" in identifier:
            model = self._deployments.serving(scope, identifier)
            return model.job.name, model.policy
        if ":custom-model/" in identifier:
            raise invalid(
                "A custom model is not invoked by its own ARN: deploy it, use the deployment's ARN."
            )
        plain = identifier.rsplit("/", 1)[-1]
        plain = _PROFILE.sub("", plain, count=1) if _PROFILE.match(plain) else plain
        skill = skill_of(plain)
        if skill is not None:
            changed = self._faults.get("base_model")
            if changed is None:
                return plain, base_policy(skill)
            return plain, base_policy(float(changed["skill"]), changed["strategy"])
        if plain.split(".")[0] not in PROVIDERS or "." not in plain:
            raise ServiceError("ValidationException", "The provided model identifier is invalid.")
        return plain, None


def _forced_tool(config: dict[str, Any] | None) -> dict[str, Any] | None:
    if not config:
        return None
    tools = [tool["toolSpec"] for tool in config["tools"] if "toolSpec" in tool]
    choice = config.get("toolChoice") or {}
    if "tool" in choice:
        for tool in tools:
            if tool["name"] == choice["tool"]["name"]:
                return dict(tool)
        raise invalid("toolChoice.tool.name is not the name of a tool in toolConfig.tools")
    return dict(tools[0]) if "any" in choice and tools else None


def _tokens(characters: int) -> int:
    return max(1, -(-characters // CHARACTERS_PER_TOKEN))
