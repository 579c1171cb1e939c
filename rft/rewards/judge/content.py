"""Answers that are not worth a call of the judge."""

from typing import Final

from rft.rewards.words import normalised

MAX_CHARACTERS: Final = 60_000  # of a response; about 15,000 tokens, more than a reward is there to read
_PEEK: Final = 200  # characters; an empty phrase is shorter

# Phrases that on their own made model judges say "right" (Zhao et al. 2025, "One Token to Fool LLM-as-a-Judge",
# arXiv:2507.08794, table 1, as are punctuation and white space), and the like of them.
_PHRASES: Final = frozenset(
    normalised(phrase)
    for phrase in (
        "Thought process:",
        "Let's solve this problem step by step.",
        "Let's think step by step.",
        "Let me think step by step.",
        "Step by step:",
        "Solution",
        "Answer:",
        "Final answer:",
        "The answer is",
        "Response:",
        "Summary:",
        "Here is the summary:",
        "Here is my answer:",
        "Sure!",
        "Of course.",
        "Certainly!",
        "Okay.",
        "解",
        "答え",
        "かいせつ",
        "Respuesta",
        "Réponse",
        "Antwort",
    )
)


def unworthy(response: str) -> str | None:
    """Return why a response earns nothing without being judged: it is blank, only punctuation, an empty phrase,
    or too long to be read; None when a judge should see it."""
    if len(response) > MAX_CHARACTERS:
        return f"longer than the {MAX_CHARACTERS:,} characters that a judge reads"
    start = normalised(response.strip()[:_PEEK])
    if not start and not normalised(response):
        return "no content"
    return "no content" if len(response.strip()) <= _PEEK and start in _PHRASES else None
