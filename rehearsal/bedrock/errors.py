"""Errors that the simulated service answers with."""


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
