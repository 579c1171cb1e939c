"""The app is synthesised once for all tests of the stacks."""

import pytest

from tests.stacks.support import ROOT, SHAPES, Template, synthesise


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Template]:
    return synthesise(ROOT, tmp_path_factory.mktemp("cdk") / "out")


@pytest.fixture(scope="session")
def foundation(app: dict[tuple[str, str], Template]) -> Template:
    return app["prod", "foundation"]


@pytest.fixture(scope="session", params=SHAPES)
def use_case(request: pytest.FixtureRequest, app: dict[tuple[str, str], Template]) -> Template:
    return app["prod", request.param]
