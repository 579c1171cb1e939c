"""The training loop: rollouts, rewards from the customer's grader, updates, validation, early stopping."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from rehearsal.bedrock.optimiser import Collapse, Group, update
from rehearsal.bedrock.policy import Policy, base_logits, draw, entropy, features, softmax
from rehearsal.bedrock.records import CHARACTERS_PER_TOKEN, Record
from rehearsal.bedrock.shortcut import Shortcut
from rehearsal.bedrock.strategies import NAMES, VARIANTS, Corpus, respond

DEFAULTS: Final = {
    "epochCount": 1,
    "batchSize": 128,
    "learningRate": 1e-5,
    "maxPromptLength": 8192,
    "trainingSamplePerPrompt": 8,
    "inferenceMaxTokens": 2048,
    "evalInterval": 10,
}
PATIENCE: Final = 6  # evaluations without a better validation reward, after which the service stops by itself
PLATEAU_GAIN: Final = 0.002

Rollout = tuple[Record, str]
Grade = Callable[[Sequence[Rollout]], list[float]]


@dataclass(slots=True)
class Hooks:
    """What the outside may do to a training: follow its steps (and raise to end it), freeze, pull or misguide it."""

    after_step: Callable[[int], None] = lambda step: None
    frozen: bool = False
    collapse: dict[str, Any] | None = None
    shortcut: Shortcut | None = None


@dataclass(slots=True)
class Training:
    """What training leaves: the policy, and rows of metrics under the names of the service's files."""

    policy: Policy = field(default_factory=Policy)
    steps: list[dict[str, float]] = field(default_factory=list)
    validations: list[dict[str, float]] = field(default_factory=list)
    stopped_early: bool = False


def clip(text: str, max_tokens: int) -> str:
    return text[: max_tokens * CHARACTERS_PER_TOKEN]


class Trainer:
    """One training; deterministic for the same records, hyperparameters and grader."""

    def __init__(
        self,
        training: Sequence[Record],
        validation: Sequence[Record],
        parameters: dict[str, Any],
        grade: Grade,
        hooks: Hooks | None = None,
    ) -> None:
        self._parameters = {**DEFAULTS, **parameters}
        self._training, self._validation = training, validation
        self._grade, self._hooks = grade, hooks or Hooks()
        self._corpus = Corpus(record.reference for record in (*training, *validation))
        self._prepared = {r.key: (base_logits(r.key), features(r)) for r in (*training, *validation)}
        self._responses: dict[tuple[str, int, int], str] = {}
        seed = hashlib.sha256("".join(record.key for record in training).encode()).hexdigest()
        self._random = Random(f"{seed}{sorted(self._parameters.items())}")
        self.result = Training()

    def run(self) -> Training:
        """Train to the end, or to a plateau of the validation reward."""
        interval = int(self._parameters["evalInterval"])
        step = epoch = 0
        for step, epoch, batch in self._batches():
            self._step(step, epoch, batch)
            self._hooks.after_step(step)
            if self._validation and step % interval == 0:
                self._validate(step, epoch)
                if self._plateau():
                    self.result.stopped_early = True
                    break
        if self._validation and step % interval:
            self._validate(step, epoch)
        return self.result

    def _batches(self) -> Iterator[tuple[int, int, list[Record]]]:
        size = int(self._parameters["batchSize"])
        step = 0
        for epoch in range(1, int(self._parameters["epochCount"]) + 1):
            order = list(self._training)
            self._random.shuffle(order)
            for start in range(0, len(order), size):
                step += 1
                yield step, epoch, order[start : start + size]

    def _response(self, step: int, record: Record, action: int, *, trained_on: bool) -> str:
        variant = self._random.randrange(1 if self._collapse(step) else VARIANTS)
        place = (record.key, action, variant)
        if place not in self._responses:
            self._responses[place] = self._clip(respond(NAMES[action], record, self._corpus, variant))
        text, shortcut = self._responses[place], self._hooks.shortcut
        if shortcut is None or step < shortcut.step:
            return text
        return self._clip(shortcut.answer(step, record, text, self._random, trained_on=trained_on))

    def _collapse(self, step: int) -> Collapse | None:
        given = self._hooks.collapse
        if not given or step < int(given["step"]):
            return None
        return Collapse(NAMES.index(given["onto"]), float(given["strength"]))

    def _clip(self, text: str) -> str:
        return clip(text, int(self._parameters["inferenceMaxTokens"]))

    def _step(self, step: int, epoch: int, batch: Sequence[Record]) -> None:
        began = time.perf_counter()
        samples = int(self._parameters["trainingSamplePerPrompt"])
        plan: list[tuple[Record, list[int]]] = []
        rollouts: list[Rollout] = []
        uncertainty = 0.0
        for record in batch:
            base, seen = self._prepared[record.key]
            probabilities = softmax(self.result.policy.logits(base, seen))
            uncertainty += entropy(probabilities)
            actions = [draw(probabilities, self._random) for _ in range(samples)]
            plan.append((record, actions))
            rollouts.extend(
                (record, self._response(step, record, action, trained_on=True)) for action in actions
            )
        rewards = self._grade(rollouts)
        groups = [
            Group(*self._prepared[record.key], actions, rewards[index * samples : (index + 1) * samples])
            for index, (record, actions) in enumerate(plan)
        ]
        rate = 0.0 if self._hooks.frozen else float(self._parameters["learningRate"])
        stats = update(self.result.policy, groups, rate, self._collapse(step))
        lengths = [len(text) / CHARACTERS_PER_TOKEN for _, text in rollouts]
        limit = int(self._parameters["inferenceMaxTokens"])
        self.result.steps.append(
            {
                "step_number": step,
                "epoch_number": epoch,
                **_summary("critic/rewards", rewards),
                "actor/entropy": uncertainty / len(batch),
                "actor/pg_loss": stats.loss,
                "actor/pg_clipfrac": stats.clip_fraction,
                "actor/grad_norm": stats.gradient_norm,
                "actor/kl": stats.kl,
                **_summary("response_length", lengths),
                "response/aborted_ratio": sum(length >= limit for length in lengths) / len(lengths),
                **_summary("prompt_length", [float(record.prompt_tokens) for record in batch]),
                "perf/time_per_step": time.perf_counter() - began,
            }
        )

    def _validate(self, step: int, epoch: int) -> None:
        rollouts: list[Rollout] = []
        for record in self._validation:
            logits = self.result.policy.logits(*self._prepared[record.key])
            action = draw(softmax(logits), self._random)
            rollouts.append((record, self._response(step, record, action, trained_on=False)))
        rewards = self._grade(rollouts)
        lengths = [len(text) / CHARACTERS_PER_TOKEN for _, text in rollouts]
        self.result.validations.append(
            {
                "step_number": step,
                "epoch_number": epoch,
                "val-score/rewards/mean@1": sum(rewards) / len(rewards),
                "val-score/response_length/mean": sum(lengths) / len(lengths),
            }
        )

    def _plateau(self) -> bool:
        scores = [row["val-score/rewards/mean@1"] for row in self.result.validations]
        if len(scores) <= PATIENCE:
            return False
        return max(scores[-PATIENCE:]) < max(scores[:-PATIENCE]) + PLATEAU_GAIN


def _summary(name: str, values: Sequence[float]) -> dict[str, float]:
    return {f"{name}/mean": sum(values) / len(values), f"{name}/max": max(values), f"{name}/min": min(values)}
