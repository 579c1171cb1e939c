"""Creates a use case's folder from a template."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from rft import names
from rft.errors import SettingsError

DEFAULT_TEMPLATE: Final = "use-case"
TEMPLATES_FOLDER: Final = "templates"
USE_CASES_FOLDER: Final = "use_cases"
GENERATOR: Final = "generate_sample.py"
RESERVED: Final = frozenset({"foundation"})  # its stack would have the name of the environment's own


def create_use_case(name: str, template: str, root: Path) -> Path:
    """Render `templates/<template>` into `use_cases/<name>` and write its sample; return the new folder.

    Args:
        name: lower-case letters, digits and single dashes, at most 24 characters.
        template: folder of `templates/`, with dashes or underscores.
        root: the project's root folder.

    Raises:
        SettingsError: when the name is not allowed, the folder exists, or there is no such template.
    """
    _check_name(name)
    target = root / USE_CASES_FOLDER / name
    if target.exists():
        raise SettingsError(f"use_cases/{name} exists already; choose another name or remove the folder")
    source = _template(template, root)
    with tempfile.TemporaryDirectory(prefix="rft-new-") as folder:
        rendered = Path(folder) / name
        _render(source, rendered, name)
        # Rendered aside and moved at the end, so that a failure leaves no half of a use case behind.
        subprocess.run([sys.executable, str(rendered / GENERATOR)], check=True)  # noqa: S603 our own template
        shutil.copytree(rendered, target, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def _check_name(name: str) -> None:
    if not re.fullmatch(names.NAME_PATTERN, name) or len(name) > names.MAX_USE_CASE_LENGTH:
        raise SettingsError(
            f"use case name {name!r} is not allowed; use lower-case letters, digits and single dashes, "
            f"beginning with a letter, at most {names.MAX_USE_CASE_LENGTH} characters, such as ticket-triage"
        )
    if name in RESERVED:
        raise SettingsError(
            f"use case name {name!r} is reserved for the environment's own stack; choose another"
        )


def _template(template: str, root: Path) -> Path:
    folder = root / TEMPLATES_FOLDER
    known = {path.parent.name.replace("_", "-"): path.parent for path in sorted(folder.glob("*/copier.yml"))}
    try:
        return known[template.replace("_", "-")]
    except KeyError:
        raise SettingsError(f"no template {template!r}; allowed: {', '.join(known) or 'none'}") from None


def _render(source: Path, target: Path, name: str) -> None:
    from copier import run_copy

    run_copy(str(source), str(target), data={"name": name}, defaults=True, quiet=True)
