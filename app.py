#!/usr/bin/env python3
"""CDK entry: settings, then one stage per environment, then its stacks.

`cdk deploy 'dev/*'` deploys a whole environment, `cdk deploy dev/gsm8k` one use case of it.
"""

import os
import sys
from pathlib import Path

from rft.errors import SettingsError
from stacks.app_factory import build_app


def main() -> int:
    """Synthesise; a mistake in the settings is one line on standard error and exit code 2."""
    out_dir = os.environ.get("CDK_OUTDIR")  # set by the CLI
    try:
        build_app(Path(__file__).resolve().parent, out_dir=Path(out_dir) if out_dir else None).synth()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except RuntimeError as error:  # what jsii makes of every failure in the CDK, with a trace of no use
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
