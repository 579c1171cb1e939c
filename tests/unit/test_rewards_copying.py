"""Copies of the prompt earn nothing where own words are wanted."""

import pytest

from rft.rewards import Sample, own_words

PROMPT = (
    "Summarise: The gateway's certificate had run out overnight. Nobody gets the warning mails since the team was "
    "renamed. The second site took over after 48 minutes."
)


def copied(response: str, **options: float) -> float:
    sample = Sample("1", ({"role": "user", "content": PROMPT},), response)
    return own_words(sample, **options).value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "response",
    [
        PROMPT,
        "The gateway's certificate had run out overnight.",
        "the GATEWAYS certificate, had run out: overnight!",
        "Nobody gets the warning mails since the team was renamed. The second site took over after 48 minutes.",
        "had run out overnight",
        "",
        "  ",
    ],
)
def test_copies_and_silence_earn_nothing(response: str) -> None:
    assert copied(response) == 0.0


@pytest.mark.parametrize(
    "response",
    [
        "An expired gateway certificate stopped the service for 48 minutes.",
        "The certificate of the gateway expired because the mails go to a team of another name.",
        "Outage.",
    ],
)
def test_own_words_earn_everything_though_names_and_numbers_are_the_same(response: str) -> None:
    assert copied(response) == 1.0


def test_half_a_copy_earns_less_than_none() -> None:
    half = (
        "An expired certificate was the cause, and nobody gets the warning mails since the team was renamed."
    )
    assert 0.0 < copied(half) < 1.0


def test_the_share_that_is_copied_is_a_component() -> None:
    sample = Sample("1", ({"role": "user", "content": PROMPT},), PROMPT)
    assert own_words(sample).components == {"copied": 1.0}


@pytest.mark.parametrize("options", [{"soft": 0.5, "hard": 0.5}, {"soft": -0.1}, {"hard": 1.1}, {"run": 0}])
def test_limits_out_of_order_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="soft and hard"):
        copied("a", **options)
