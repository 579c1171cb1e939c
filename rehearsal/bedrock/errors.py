"""Errors that the simulated service answers with."""

import traceback
from pathlib import Path


class ServiceError(Exception):
    """An error with one of the service model's codes; `message` never holds prompt or response text."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def invalid(message: str) -> ServiceError:
    return ServiceError("ValidationException", message)


def missing(what: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", f"Could not find {what}: check identifier and Region.")


class JobFailedError(Exception):
    """Ends a customization job as Failed; the text becomes its failureMessage."""


def place(error: BaseException) -> str:
    """Type of an error and the line that raised it; its text is left out, since it may quote a dataset."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + where
