"""Lambda keeps layers on fast, shared storage; MiniStack unpacks every layer again for every worker process.

Each layer is unpacked once, and a worker's layer folder links to it, so that Python's compiled modules are
shared too. A cold start then costs the imports only.
"""

import hashlib
import threading
import types
import zipfile
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime

from rehearsal.localaws.plugins import original

_unpacking = threading.Lock()


def apply() -> None:
    original(lambda_runtime.Worker, "_spawn", "c55febf95656")
    shim = types.ModuleType("zipfile")
    vars(shim).update(vars(zipfile), ZipFile=SharedZipFile)
    lambda_runtime.zipfile = shim


class SharedZipFile(zipfile.ZipFile):
    """A zip file whose `extractall` into a `layer_N` folder makes links into one shared copy."""

    def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
        """Unpack `layer_*.zip` archives once; everything else as usual."""
        archive = Path(str(self.filename))
        if not archive.name.startswith("layer_"):
            super().extractall(path, members, pwd)
            return
        shared = archive.parents[1] / f"layer-{hashlib.sha256(archive.read_bytes()).hexdigest()[:32]}"
        with _unpacking:
            if not shared.is_dir():
                partial = shared.with_suffix(".part")
                super().extractall(partial)
                partial.rename(shared)
        for entry in shared.iterdir():
            (Path(path) / entry.name).symlink_to(entry)
