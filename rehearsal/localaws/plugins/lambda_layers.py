"""Lambda keeps layers on fast, shared storage; MiniStack unpacks every layer again for every worker process.

Each layer is unpacked once, and a worker's layer folder links to it, so that Python's compiled modules are
shared too. A cold start then costs the imports only.
"""

import hashlib
import os
import tempfile
import threading
import types
import zipfile
from typing import Any

from ministack.core import lambda_runtime

from rehearsal.localaws.plugins import original

_unpacking = threading.Lock()


def apply() -> None:
    original(lambda_runtime.Worker, "_spawn", "c55febf95656")
    shim = types.ModuleType("zipfile")
    vars(shim).update(vars(zipfile), ZipFile=SharedZipFile)
    setattr(lambda_runtime, "zipfile", shim)


class SharedZipFile(zipfile.ZipFile):
    """A zip file whose `extractall` into a `layer_N` folder makes links into one shared copy."""

    def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
        """Unpack `layer_*.zip` archives once; everything else as usual."""
        archive = str(self.filename or "")
        if not os.path.basename(archive).startswith("layer_"):
            super().extractall(path, members, pwd)
            return
        with open(archive, "rb") as data:
            digest = hashlib.file_digest(data, "sha256").hexdigest()[:32]
        shared = os.path.join(tempfile.gettempdir(), f"layer-{digest}")
        with _unpacking:
            if not os.path.isdir(shared):
                super().extractall(f"{shared}.part")
                os.rename(f"{shared}.part", shared)
        for entry in os.listdir(shared):
            os.symlink(os.path.join(shared, entry), os.path.join(path, entry))
