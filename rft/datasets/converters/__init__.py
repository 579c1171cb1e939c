"""Turns other formats into datasets: one reader for each format, one writer for all."""

from collections.abc import Mapping
from typing import Final

from rft.datasets.converters.invocation_logs import from_invocation_logs
from rft.datasets.converters.openai import from_openai
from rft.datasets.converters.port import Converter
from rft.datasets.converters.preferences import from_preferences
from rft.datasets.converters.questions import from_gsm8k, from_prompts, from_qa
from rft.datasets.converters.tables import from_csv, from_parquet

LOGS: Final = "invocation-logs"
FORMATS: Final[Mapping[str, Converter]] = {
    "gsm8k": from_gsm8k,
    "qa": from_qa,
    "prompts": from_prompts,
    "csv": from_csv,
    "parquet": from_parquet,
    "openai": from_openai,
    "azure": from_openai,
    "preferences": from_preferences,
    LOGS: from_invocation_logs,
}
