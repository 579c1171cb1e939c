"""Makes the app out of the settings; `app.py` and the tests use the same one."""

import json
import shutil
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from rft import names
from rft.errors import SettingsError
from stacks.constructs.code import CodeStager
from stacks.foundation_stack import FoundationStack
from stacks.functions import check_folders
from stacks.nag import add_nag
from stacks.settings import Environment, ProjectSettings, load
from stacks.use_case_stack import UseCaseStack


def build_app(root: Path, *, out_dir: Path | None = None, nag: bool = True) -> cdk.App:
    """The app of the project at `root`, not yet synthesised.

    Raises:
        SettingsError: for a mistake in a settings file, or a missing tool.
    """
    if shutil.which("node") is None:
        raise SettingsError("node: not installed or not on PATH; run: make install")
    settings = load(root)
    check_folders(root)
    # The CLI alone reads cdk.json; without its flags other templates come out.
    context: dict[str, Any] = json.loads((root / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = cdk.App(context=context, outdir=str(out_dir) if out_dir else None)
    stager = CodeStager(root)
    for environment in settings.environments:
        _stage(app, environment, settings, stager)
    if nag:
        add_nag(app)
    return app


def _stage(app: cdk.App, environment: Environment, settings: ProjectSettings, stager: CodeStager) -> None:
    boundary = environment.settings.permissions_boundary_arn
    stage = cdk.Stage(
        app,
        environment.name,
        env=cdk.Environment(account=environment.settings.account, region=environment.settings.region),
        permissions_boundary=cdk.PermissionsBoundary.from_arn(boundary) if boundary else None,
    )
    cdk.Tags.of(stage).add("application", names.PREFIX)
    cdk.Tags.of(stage).add("environment", environment.name)
    foundation = FoundationStack(
        stage, environment=environment, use_cases=[use_case.name for use_case in settings.use_cases]
    )
    for use_case in settings.use_cases:
        stack = UseCaseStack(stage, environment=environment, use_case=use_case, root=settings.root, stager=stager)
        stack.add_stack_dependency(foundation)
        cdk.Tags.of(stack).add("use-case", use_case.name)
