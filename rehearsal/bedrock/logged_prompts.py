"""Invocation logs as a training dataset, as Bedrock converts them: prompts, and logged answers when it is asked for."""

import json
from collections.abc import Mapping
from typing import Any

from rehearsal.bedrock import outputs
from rft.datasets.converters.invocation_logs import ENDINGS, LogFilter, convert_logs
from rft.datasets.converters.port import Kept, Options


def read_logs(s3: Any, config: Mapping[str, Any]) -> bytes:
    """The dataset lines of the logs that `invocationLogsConfig` names, read with the job role's S3 client."""
    source = config["invocationLogSource"]["s3Uri"]
    bucket = outputs.split_uri(source)[0]
    files = (
        (key, outputs.read_object(s3, f"s3://{bucket}/{key}"))
        for key in outputs.list_keys(s3, source)
        if key.endswith(ENDINGS)
    )
    wanted = LogFilter(
        metadata=config.get("requestMetadataFilters"), use_response=bool(config.get("usePromptResponse"))
    )
    kept = (item.record for item in convert_logs(files, Options(logs=wanted)) if isinstance(item, Kept))
    return b"".join(json.dumps(record).encode() + b"\n" for record in kept)
