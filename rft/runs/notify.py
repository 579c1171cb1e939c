"""Messages to people: what happened to which run, why, and the command to run next."""

from dataclasses import dataclass
from typing import Final

from rft.engines.capabilities import CAPABILITIES
from rft.runs import salvage
from rft.runs.cost_parts import EstimateLine
from rft.runs.record import Approval, RunRecord, Status, StopAdvice

MAX_SUBJECT_CHARACTERS: Final = 99  # SNS: fewer than 100 ASCII characters


@dataclass(frozen=True, slots=True)
class Message:
    """Subject (ASCII, under 100 characters) and body of a notification."""

    subject: str
    body: str


def _message(subject: str, lines: list[str]) -> Message:
    ascii_only = subject.encode("ascii", "replace").decode().replace("\n", " ")
    return Message(ascii_only[:MAX_SUBJECT_CHARACTERS], "\n".join(lines) + "\n")


def _heading(record: RunRecord) -> list[str]:
    return [
        f"Run:         {record.run_id} (attempt {record.attempt})",
        f"Use case:    {record.use_case}",
        f"Environment: {record.environment}",
    ]


def _show(record: RunRecord) -> str:
    return _command("show", record)


def _command(name: str, record: RunRecord) -> str:
    return f"rft runs {name} {record.run_id} --use-case {record.use_case} --env {record.environment}"


def run_over(record: RunRecord) -> Message:
    """The end of a run."""
    lines = _heading(record)
    if record.failure is not None:
        lines += [
            f"Failed in:   {record.failure.state}",
            f"Cause:       {record.failure.error}: {record.failure.cause}",
        ]
    if record.validation is not None:
        found = record.validation
        lines += [f"Dataset:     {found.errors} errors, {found.warnings} warnings; {found.page}"]
    if record.gate is not None:
        lines += [
            f"Gate:        {record.gate.decision}",
            *(f"  - {reason}" for reason in record.gate.reasons),
        ]
    if record.status is Status.SUCCEEDED and record.stable is not None:
        lines += [f"Deployment:  {record.stable.arn}"]
    where = f"{record.run_id} --use-case {record.use_case} --env {record.environment}"
    lines += ["", f"Next:        {_show(record)}", f"Report:      rft runs report {where} --open"]
    outcome = {Status.SUCCEEDED: "succeeded", Status.HELD: "held by the gate"}.get(record.status, "failed")
    why = f": {record.failure.error}" if record.failure else ""
    return _message(f"[rft {record.environment}] {record.use_case} {record.run_id} {outcome}{why}", lines)


def approval_wanted(record: RunRecord, asked: Approval) -> Message:
    """A question to a person, to spend or to promote, with the plan that they agree to."""
    lines = [*_heading(record), f"Question:    {asked.subject}", *_plan(record)]
    if record.gate is not None:
        lines += [
            f"Gate:        {record.gate.decision}",
            *(f"  - {reason}" for reason in record.gate.reasons),
        ]
    where = f"{record.run_id} --use-case {record.use_case} --env {record.environment}"
    if record.settings.approvals.four_eyes:
        lines += [f"Four eyes:   {record.uploader or 'nobody'} uploaded the dataset and cannot agree"]
    lines += [
        f"Expires:     {asked.expires_at} ({record.settings.approvals.timeout_hours} hours); no answer means no",
        "",
        f"Agree:       rft approve {where}",
        f'Refuse:      rft reject {where} --reason "..."',
    ]
    subject = f"[rft {record.environment}] {record.use_case} {record.run_id} waits: {asked.subject}"
    return _message(subject, lines)


def _plan(record: RunRecord) -> list[str]:
    lines = []
    if (estimate := record.estimate) is not None:
        lines += [
            f"Estimate:    {estimate.told}; {estimate.rollouts:,} rollouts",
            *(f"  - {line.what}: {_usd(line)} ({line.assumption})" for line in estimate.lines),
            f"Budget:      {record.settings.run_budget_usd:.2f} USD a run",
        ]
    lines += [f"Warning:     {warning}" for warning in (record.plan.warnings if record.plan else [])]
    if (probe := record.probe) is not None:
        lines += [
            f"Probe:       mean reward {probe.mean_reward:.3f} of {probe.samples} answers to {probe.prompts} prompts",
            f"             answers differ for {probe.useful:%} of the prompts; verdict: {probe.verdict}",
            *(f"  - {warning}" for warning in probe.warnings),
        ]
    return lines


def _usd(line: EstimateLine) -> str:
    return f"unknown, {line.price}" if line.usd is None else f"{line.usd:,.2f} USD"


def stop_advised(record: RunRecord, advice: StopAdvice) -> Message:
    """The stop policy warns, or would stop the job but only advises."""
    found = "stop advised" if advice.action == "abort" else "look at the training"
    found = "training stopped" if advice.enforced else found
    lines = [
        *_heading(record),
        f"Reason:      {advice.reason}",
        f"Evidence:    {advice.explanation}",
        "",
        *([] if advice.enforced else [f"To stop it:  {_command('stop', record)}"]),
        _after_stop(record, advice),
        f"Look {'first:  ' if not advice.enforced else 'at it:  '}{_show(record)}",
    ]
    return _message(
        f"[rft {record.environment}] {record.use_case} {record.run_id}: {found}, {advice.reason}", lines
    )


def _after_stop(record: RunRecord, advice: StopAdvice) -> str:
    capabilities = CAPABILITIES[record.settings.use_case.model.engine]
    if salvage.is_worth_it(advice, capabilities):
        return "Once it is stopped, the best of its checkpoints so far goes to the gate."
    if capabilities.stop_keeps_model:
        return "The checkpoints so far stay usable."
    return "A stopped job leaves no model and costs the tokens used so far."
