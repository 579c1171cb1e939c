"""Makes the app out of the settings; `app.py` and the tests use the same one."""

import json
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final

import aws_cdk as cdk

from rft import names
from rft.errors import SettingsError
from stacks.constructs.code import CodeStager
from stacks.foundation_stack import FoundationStack
from stacks.functions import check_folders
from stacks.nag import add_nag
from stacks.settings import Environment, ProjectSettings, load
from stacks.use_case_stack import UseCaseStack

ENVIRONMENTS_CONTEXT: Final = "environments"
USE_CASES_CONTEXT: Final = "use_cases"


def build_app(
    root: Path,
    *,
    out_dir: Path | None = None,
    nag: bool = True,
    environments: Sequence[str] = (),
    use_cases: Sequence[str] = (),
) -> cdk.App:
    """The app of the project at `root`, not yet synthesised; all of it, or only what is named.

    Raises:
        SettingsError: for a mistake in a settings file, or a missing tool.
    """
    if shutil.which("node") is None:
        raise SettingsError("node: not installed or not on PATH; run: make setup")
    settings = load(root)
    check_folders(root)
    # The CLI alone reads cdk.json; without its flags other templates come out.
    context: dict[str, Any] = json.loads((root / "cdk.json").read_text(encoding="utf-8"))["context"]
    for key, chosen in ((ENVIRONMENTS_CONTEXT, environments), (USE_CASES_CONTEXT, use_cases)):
        if chosen:
            context[key] = ",".join(chosen)
    app = cdk.App(context=context, outdir=str(out_dir) if out_dir else None)
    wanted = _wanted(app, ENVIRONMENTS_CONTEXT, [environment.name for environment in settings.environments])
    deployed = _wanted(app, USE_CASES_CONTEXT, [use_case.name for use_case in settings.use_cases])
    stager = CodeStager(root)
    for environment in settings.environments:
        if environment.name in wanted:
            _stage(app, environment, settings, deployed, stager)
    if nag:
        add_nag(app)
    return app


def _wanted(app: cdk.App, key: str, known: list[str]) -> list[str]:
    """All, or those of `-c environments=local,dev` or `-c use_cases=gsm8k`, which saves the time for the rest."""
    asked = app.node.try_get_context(key)
    if not asked:
        return known
    wanted = [name.strip() for name in str(asked).split(",")]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        kind = key.replace("_", " ").removesuffix("s")
        raise SettingsError(f"-c {key}: unknown {kind} {unknown[0]!r}; allowed: {', '.join(known)}")
    return wanted


def _stage(
    app: cdk.App,
    environment: Environment,
    settings: ProjectSettings,
    deployed: Collection[str],
    stager: CodeStager,
) -> None:
    boundary = environment.settings.permissions_boundary_arn
    stage = cdk.Stage(
        app,
        environment.name,
        env=cdk.Environment(account=environment.settings.account, region=environment.settings.region),
        permissions_boundary=cdk.PermissionsBoundary.from_arn(boundary) if boundary else None,
    )
    cdk.Tags.of(stage).add("application", names.PREFIX)
    cdk.Tags.of(stage).add("environment", environment.name)
    use_cases = settings.use_cases_in(environment)
    foundation = FoundationStack(
        stage, environment=environment, use_cases=[use_case.name for use_case in use_cases]
    )
    for line in settings.left_out_of(environment):
        cdk.Annotations.of(foundation).add_info_v2("rft:left-out", line)
    for use_case in use_cases:
        if use_case.name not in deployed:
            continue
        stack = UseCaseStack(
            stage, environment=environment, use_case=use_case, root=settings.root, stager=stager
        )
        stack.add_stack_dependency(foundation)
        cdk.Tags.of(stack).add("use-case", use_case.name)
