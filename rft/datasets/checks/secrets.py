"""Credentials, by the detectors of detect-secrets that know their form; those that guess by entropy are left out."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, Final

import msgspec

from rft.datasets.checks.port import Conclusion, Fault, Observer, Seen
from rft.datasets.checks.texts import texts_of
from rft.datasets.codes import Code
from rft.datasets.rules import Rules

_DETECTORS: Final[Mapping[str, str]] = {
    "aws": "AWSKeyDetector",
    "azure_storage_key": "AzureStorageKeyDetector",
    "discord": "DiscordBotTokenDetector",
    "github_token": "GitHubTokenDetector",
    "gitlab_token": "GitLabTokenDetector",
    "jwt": "JwtTokenDetector",
    "mailchimp": "MailchimpDetector",
    "npm": "NpmDetector",
    "openai": "OpenAIDetector",
    "private_key": "PrivateKeyDetector",
    "pypi_token": "PypiTokenDetector",
    "sendgrid": "SendGridDetector",
    "slack": "SlackDetector",
    "square_oauth": "SquareOAuthDetector",
    "stripe": "StripeDetector",
    "telegram_token": "TelegramBotTokenDetector",
    "twilio": "TwilioKeyDetector",
}


class State(msgspec.Struct):
    """How many texts hold a credential."""

    found: int = 0


class _Observer:
    def __init__(self) -> None:
        self._found = 0

    def observe(self, record: Mapping[str, Any], line: int) -> Iterable[Fault]:
        for path, text in texts_of(record):
            kinds = credentials_in(text)
            self._found += bool(kinds)
            if kinds:
                what = f"the text holds what looks like a credential ({', '.join(kinds)})"
                yield Fault(Code.SECRET, path, what, "revoke the credential and take it out of the data")

    def state(self) -> State:
        return State(self._found)


class _Check:
    name = "secrets"
    state_type = State

    def observer(self, split: str, rules: Rules) -> Observer:
        return _Observer()

    def conclude(self, seen: Sequence[Seen], rules: Rules) -> Conclusion:
        return Conclusion(statistics={"texts": sum(part.state.found for part in seen)})


CHECK: Final = _Check()


def credentials_in(text: str) -> list[str]:
    """The kinds of credentials in a text, as detect-secrets names them."""
    return [name for name, patterns in _patterns() if any(pattern.search(text) for pattern in patterns)]


@cache
def _patterns() -> "list[tuple[str, tuple[Any, ...]]]":
    found = []
    for module, name in _DETECTORS.items():
        detector = getattr(import_module(f"detect_secrets.plugins.{module}"), name)()
        found.append((str(detector.secret_type), tuple(detector.denylist)))
    return found
