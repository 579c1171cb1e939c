"""`rft runs list|show|follow|report|stop`."""

from typing import Annotated

import typer
from rich.table import Table

from rft.cli import console, follow_command, progress, project, report_command, runs_view, stop_command
from rft.runs import approval
from rft.runs.record import Approval, RunRecord
from rft.runs.slot_queue import SlotQueue

Run = Annotated[str, typer.Argument(help="Run id, or its beginning.")]
UseCase = Annotated[str | None, typer.Option("--use-case", help="Use case; all of the project's by default.")]

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
        asked = approval.open_question(record)
        cause = f"{record.failure.error} in {record.failure.state}" if record.failure else record.state
        cause = f"waits for {_waits(asked)}" if asked else cause
        if place := runs_view.waits(slots, record):
            cause = f"{cause}: {place}"
        status = f"[{_STYLES[record.status]}]{record.status}[/]"
        table.add_row(
            record.run_id, record.use_case, record.created_at[:16].replace("T", " "), status, reward, cause
        )
    return table


def _waits(asked: Approval) -> str:
    left = approval.time_left(asked)
    if left is None:
        return f"approval of the {asked.subject}"
    seconds = left.total_seconds()
    return f"approval of the {asked.subject}, {progress.duration(seconds) + ' left' if seconds > 0 else 'expired'}"


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
    if record.forced:
        rows.append(("trained again", record.forced))
    if record.uploader:
        rows.append(("uploaded by", record.uploader))
    rows += [("approval", approval.sentence(asked)) for asked in record.questions if asked.answer]
    if asked := approval.open_question(record):
        where = f"{record.run_id} --use-case {record.use_case} --env {record.environment}"
        rows.append(
            ("waits for", f"{_waits(asked)}: rft approve {where}, or rft reject {where} --reason ...")
        )
    rows += [("note", note) for note in record.notes]
    return rows


def register(app: typer.Typer) -> None:
    """Add the commands."""
    runs.command("report")(report_command.report)
    runs.command("follow")(follow_command.follow_run)
    runs.command("stop")(stop_command.stop)
    app.add_typer(runs, name="runs")
