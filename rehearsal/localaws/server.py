"""The local AWS's server process: `python -m rehearsal.localaws.server --port N --folder DIR ...`.

Run by the emulator's own virtual environment, with the standard library and MiniStack's dependencies only.
It ends with its whole process group, and removes its folder, when its standard input closes: so it never
outlives the process that started it, however that one ended.
"""

import argparse
import os
import shutil
import signal
import sys
import threading
from pathlib import Path

MANTLE_PATH = "/bedrock-mantle"  # where the simulated OpenAI-compatible endpoint of Bedrock is mounted
MANTLE_VARIABLE = "AWS_ENDPOINT_URL_BEDROCK_MANTLE"  # leads the mantle engine to it
ROOT_SECRET = "test"  # noqa: S105 - what MiniStack expects of a root key when the environment names no secret


def configure(port: int, folder: Path, account: str, region: str, wait_scale: float, auth: bool) -> None:
    """Set the emulator's environment, without anything of the host's AWS configuration.

    `folder` becomes the temporary folder and the home of the server and of every handler.
    """
    for name in [name for name in os.environ if name.startswith(("AWS_", "LOCALSTACK_", "MINISTACK_"))]:
        del os.environ[name]
    temporary = folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        AUTH="true" if auth else "false",
        AWS_CONFIG_FILE=str(folder / "no-config"),
        AWS_EC2_METADATA_DISABLED="true",
        AWS_SHARED_CREDENTIALS_FILE=str(folder / "no-credentials"),
        BIND_HOST="127.0.0.1",
        DOCKER_HOST=f"unix://{folder / 'no-docker.sock'}",
        GATEWAY_PORT=str(port),
        HOME=str(folder),
        IOT_MTLS_ENABLED="0",
        LAMBDA_WARM_TTL_SECONDS="900",
        LOG_LEVEL="WARNING",
        MINISTACK_ACCOUNT_ID=account,
        MINISTACK_REGION=region,
        PYTHONDONTWRITEBYTECODE="",
        S3_DATA_DIR=str(folder / "s3"),
        SFN_WAIT_SCALE=str(wait_scale),
        SFTP_ENABLED="0",
        TMPDIR=str(temporary),
    )
    os.environ[MANTLE_VARIABLE] = f"http://127.0.0.1:{port}{MANTLE_PATH}"
    os.environ.pop("PYTHONPATH", None)  # handlers import from their layers, as on AWS


def end_with_parent(folder: Path) -> None:
    """Watch standard input from a thread; at its end remove `folder` and end the process group."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        shutil.rmtree(folder, ignore_errors=True)
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def main() -> None:
    """Parse the arguments, apply the plug-ins and serve until killed."""
    parser = argparse.ArgumentParser(description="Local AWS of the rehearsal")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--account", default="000000000000")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--wait-scale", type=float, default=1.0)
    parser.add_argument("--no-auth", action="store_true")
    arguments = parser.parse_args()
    if os.getpgrp() == os.getpid():
        end_with_parent(arguments.folder)
    configure(
        arguments.port,
        arguments.folder,
        arguments.account,
        arguments.region,
        arguments.wait_scale,
        not arguments.no_auth,
    )
    from rehearsal.localaws import plugins

    plugins.apply_all()
    from ministack import app

    sys.argv = ["ministack"]
    app.main()


if __name__ == "__main__":
    main()
