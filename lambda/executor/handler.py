"""The executor: runs what a model wrote, and knows nothing else. Its role may write its log and no more."""

import os
import tempfile
from pathlib import Path
from typing import Any

from rft.execution.engines import make_engine
from rft.execution.port import from_wire, outputs_to_wire

COMPONENT = Path(__file__).with_name("sandbox.wasm")
ENGINE = make_engine(os.environ["RFT_ENGINE"], COMPONENT, Path(tempfile.gettempdir()) / "rft-machine-code")
if warm_up := getattr(ENGINE, "warm_up", None):
    warm_up()  # seconds of compiling belong into the start; what outlasts it is repeated in the first call


def handler(event: Any, context: Any) -> list[dict[str, Any]]:
    """Take `rft.execution.port.to_wire`, return one `{value}` or `{error}` per input; log no code."""
    program, limits = from_wire(event)
    return outputs_to_wire(ENGINE.run(program, limits))
