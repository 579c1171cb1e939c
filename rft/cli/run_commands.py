"""`rft runs list|show`, `rft approve|reject`."""

import getpass
from typing import Annotated, Any

import typer
from rich.table import Table

from rft import aws
from rft.cli import console, progress, project, runs_view
from rft.runs.record import Approval, RunRecord, Status
from rft.runs.slot_queue import SlotQueue

Run = Annotated[str, typer.Argument(help="Run id, or its beginning.")]
UseCase = Annotated[str | None, typer.Option("--use-case", help="Use case; all of the project's by default.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the run's notes.")]

runs = typer.Typer(help="Look at the runs of an environment.", no_args_is_help=True)
_STYLES = {"SUCCEEDED": "green", "HELD": "yellow", "FAILED": "red", "RUNNING": "cyan"}


@runs.command("list")
def list_runs(
    env: console.Environment = "dev",
    use_case: UseCase = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Runs per use case.")] = 20,
    as_json: console.AsJson = False,
) -> None:
    """List runs, newest first, with who holds and who waits for the environment's training slots."""
    environment = project.connect(env)
    searched = [use_case] if use_case else project.use_case_names()
    found = [record for name in searched for record in runs_view.store(environment, name).newest(limit)]
    found.sort(key=lambda record: record.created_at, reverse=True)
    slots = runs_view.training_slots(environment)
    if as_json:
        public = [runs_view.public(record) for record in found]
        console.print_json({"training_slots": runs_view.public_slots(slots), "runs": public})
        return
    if not found:
        console.stdout.print(f"no run yet in {env}; start one with: rft submit {searched[0]} DIR --env {env}")
        return
    if line := runs_view.slots_line(slots):
        console.stdout.print(line, soft_wrap=True)
    console.stdout.print(_table(found, slots))


def _table(records: list[RunRecord], slots: SlotQueue) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("run", "use case", "began (UTC)", "status", "held-out reward", "state or cause"):
        table.add_column(column, no_wrap=column != "state or cause", overflow="ellipsis")
    for record in records:
        test = record.evaluations.get("test")
        means = test.mean_by_target if test else {}
        reward = (
            f"{means['base']:.2f} → {means['candidate']:.2f}" if {"base", "candidate"} <= set(means) else ""
        )
        cause = f"{record.failure.error} in {record.failure.state}" if record.failure else record.state
        if place := runs_view.waits(slots, record):
            cause = f"{cause}: {place}"
        status = f"[{_STYLES[record.status]}]{record.status}[/]"
        table.add_row(
            record.run_id, record.use_case, record.created_at[:16].replace("T", " "), status, reward, cause
        )
    return table


@runs.command("show")
def show(
    run: Run, env: console.Environment = "dev", use_case: UseCase = None, as_json: console.AsJson = False
) -> None:
    """Show one run: what it used, what it found, how it ended."""
    record = runs_view.find(project.connect(env), run, use_case)
    if as_json:
        console.print_json(runs_view.public(record))
        return
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in facts(record):
        table.add_row(label, value)
    console.stdout.print(table)


def facts(record: RunRecord) -> list[tuple[str, str]]:
    """What is known of a run, label by label."""
    settings = record.settings.use_case
    rows = [
        ("run", f"{record.run_id} (attempt {record.attempt})"),
        ("use case", f"{record.use_case} in {record.environment}"),
        ("status", f"{record.status}: {progress.outcome_sentence(record)}"),
        ("began", record.created_at),
        ("changed", record.updated_at),
        ("base model", settings.base_model),
        ("reward", f"{record.reward.function_arn} (code {record.reward.code_sha256[:16]})"),
    ]
    rows += [
        (
            f"{split} file",
            f"s3://{part.bucket}/{part.key} version {part.version_id} sha256 {part.sha256[:16]}",
        )
        for split, part in record.dataset.items()
    ]
    rows += [
        (title.lower(), fact)
        for title in ("Validate the dataset", "Audit the reward", "Probe the base model", "Estimate the cost")
        if (fact := progress.fact_of(title, record))
    ]
    if record.validation:
        rows.append(("dataset report", record.validation.page))
    if record.audit and record.audit.sha256:
        rows.append(("audit report", f"{record.audit.key} sha256 {record.audit.sha256[:16]}"))
    if record.job:
        rows.append(("job", f"{record.job.arn} ({record.job.status})"))
    for phase, evaluation in record.evaluations.items():
        means = ", ".join(f"{target} {mean:.3f}" for target, mean in evaluation.mean_by_target.items())
        rows.append((f"reward on {phase}", f"{means} ({evaluation.prompts} prompts)"))
    if record.gate:
        rows.append(("gate", f"{record.gate.decision}: {'; '.join(record.gate.reasons)}"))
    if record.stable:
        rows.append(("deployment", record.stable.arn))
    if record.status is Status.RUNNING and record.approval and record.approval.answer is None:
        rows.append(
            ("waits for", f"approval of the {record.approval.subject}: rft approve|reject {record.run_id}")
        )
    rows += [("note", note) for note in record.notes]
    return rows


def approve(
    run: Run,
    env: console.Environment = "dev",
    use_case: UseCase = None,
    reason: Reason = "",
    as_json: console.AsJson = False,
) -> None:
    """Agree to the spending or the promotion that a run waits for."""
    _answer(run, env, use_case, reason, agreed=True, as_json=as_json)


def reject(
    run: Run,
    env: console.Environment = "dev",
    use_case: UseCase = None,
    reason: Reason = "",
    as_json: console.AsJson = False,
) -> None:
    """Refuse the spending or the promotion that a run waits for; the run ends as FAILED and cleans up."""
    _answer(run, env, use_case, reason, agreed=False, as_json=as_json)


def _answer(run: str, env: str, use_case: str | None, reason: str, *, agreed: bool, as_json: bool) -> None:
    environment = project.connect(env)
    record = runs_view.find(environment, run, use_case)
    approval = _open_approval(record)
    verb = "approved" if agreed else "rejected"
    said = f"{approval.subject} {verb} by {getpass.getuser()}" + (f": {reason}" if reason else "")
    taken = (
        aws.send_task_success(approval.token, {"answer": verb})
        if agreed
        else aws.send_task_failure(approval.token, "ApprovalRejected", said)
    )
    if not taken:
        raise console.Finding(f"run {record.run_id}: its question was answered before or ran out of time")
    store = runs_view.store(environment, record.use_case)
    store.set(record.run_id, ("approval", "answer"), verb)
    store.note(record.run_id, said)
    result: dict[str, Any] = {"run_id": record.run_id, "subject": approval.subject, "answer": verb}
    if as_json:
        console.print_json(result)
    else:
        console.stdout.print(f"{approval.subject} of run {record.run_id} {verb}")


def _open_approval(record: RunRecord) -> Approval:
    if record.approval is None or record.approval.answer is not None:
        raise console.Finding(
            f"run {record.run_id}: waits for no approval; it is {record.status} in {record.state}"
        )
    return record.approval


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(runs, name="runs")
    app.command("approve")(approve)
    app.command("reject")(reject)
