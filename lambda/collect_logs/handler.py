"""CollectLogs: on a schedule, what Bedrock logged becomes a dataset, whose upload starts a run."""

import tempfile
from pathlib import Path
from typing import Any

from rft.aws import caller_arn, named_errors
from rft.datasets.log_dataset import dataset_of_logs
from rft.errors import SettingsError
from rft.runs.config import FunctionConfig
from rft.runs.registration import read_settings
from rft.runs.step import logger
from rft.runs.upload import dataset_files, upload


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Take a scheduled event; return the object that starts the run."""
    with named_errors(), tempfile.TemporaryDirectory(prefix="rft-logs-") as scratch:
        config = FunctionConfig.read()
        logs = read_settings(config.settings_parameter).use_case.dataset.invocation_logs
        if logs is None:
            raise SettingsError(
                f"{config.use_case}: dataset.invocation_logs is gone; redeploy the use case's stack"
            )
        name = dataset_of_logs(logs, Path(scratch))
        files = dataset_files(Path(scratch))
        uploaded = upload(config.datasets_bucket, config.use_case, name, files, uploader=caller_arn())
        logger().info("dataset of logs uploaded", key=uploaded.key)
    return {"bucket": uploaded.bucket, "key": uploaded.key}
