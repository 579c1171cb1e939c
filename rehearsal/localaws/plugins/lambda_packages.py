"""A function imports its own code, its layers, and what the Lambda runtime brings along; nothing else.

MiniStack runs handlers with every package of its own environment, so that a dependency missing from a layer
would be found here and not in AWS.
"""

import importlib.util
import os
from pathlib import Path
from typing import Final

from ministack.core import lambda_runtime

from rehearsal.localaws.plugins import PluginMismatch

RUNTIME_PACKAGES: Final = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
FOLDER_VARIABLE: Final = "_REHEARSAL_RUNTIME_PACKAGES"
START: Final = "    # Redirect print() to stderr so stdout stays clean for JSON-line protocol\n"
ONLY_RUNTIME: Final = f"""    sys.path[:] = [p for p in sys.path if not p.endswith("-packages")]
    sys.path.append(os.environ.pop("{FOLDER_VARIABLE}"))
"""


def apply() -> None:
    script = lambda_runtime._PYTHON_WORKER_SCRIPT  # its source was checked by lambda_errors
    if script.count(START) != 1:
        raise PluginMismatch("the Python worker of ministack no longer begins where the plug-in expects it")
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(START, ONLY_RUNTIME + START)
    os.environ[FOLDER_VARIABLE] = str(_runtime_folder(Path(os.environ["TMPDIR"]) / "runtime"))


def _runtime_folder(folder: Path) -> Path:
    """A folder that links to the packages of the Lambda runtime in this environment."""
    folder.mkdir(exist_ok=True)
    for name in RUNTIME_PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise PluginMismatch(f"{name} is missing: install rehearsal/requirements.txt")
        origin = Path(spec.origin)
        target = origin.parent if origin.name == "__init__.py" else origin
        (folder / target.name).symlink_to(target)
    return folder
