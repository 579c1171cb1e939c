"""Refusals and silence, told apart from answers by how short texts begin."""

import re
from typing import Final

from rft.rewards.contract import Sample, Score
from rft.rewards.words import is_blank

MAX_CHARACTERS: Final = 600  # a longer text may begin with a refusal and answer all the same
_LEAD_INS: Final = 4

# Apologies and the like, taken off the start again and again before the refusal is looked for.
_LEAD_IN: Final = re.compile(
    r"(?:(?:i'm |i am |we're |we are )?(?:very |so |truly )?(?:sorry|afraid)(?: that)?|i apologi[sz]e|my apologies"
    r"|unfortunately|regrettably|however|but|no|hi|hello|as an? [^.,!\n]{0,60}|thank(?:s| you)[^.,!\n]{0,60}"
    r"|(?:es )?tut mir leid|leider|entschuldigung|aber|nein|als ki[^.,!\n]{0,60}"
    r"|(?:je suis )?désolée?|malheureusement|mais|non|en tant [^.,!\n]{0,60}"
    r"|lo (?:siento|lamento)|lamentablemente|pero|como [^.,!\n]{0,60}"
    r"|mi dispiace|purtroppo|ma|sinto muito|desculpe|infelizmente|mas)\b[\s,.;:!—–-]{0,5}"
)
# For each language: what says that one does not, and what one does not do, later in the same sentence.
_PHRASES: Final = (
    (
        (
            r"(?:i|we) (?:can't|cannot|can not|couldn't|could not|won't|will not|am unable|am not able|are unable"
            r"|are not able|am not comfortable|don't feel comfortable|do not feel comfortable)"
            r"|(?:i'm|we're) (?:unable|not able|not comfortable)|th(?:at|is)(?:'s| is) something i (?:can't|cannot)"
        ),
        (
            r"help|helping|assist|comply|fulfill?|provide|providing|answer|answering|do (?:that|this|so)|engage"
            r"|support|discuss|discussing|create|generate|write|share|sharing|give|offer|participate|respond|process"
        ),
    ),
    (
        (
            r"(?:dabei|damit|das|diese[mnrs]?)(?: \w{1,20}){0,3} (?:kann|darf|werde) ich|(?:ich|wir) (?:kann|können"
            r"|darf|dürfen|werde|werden)(?: \w{1,20}){0,8} (?:nicht|keine?n?)|(?:kann|darf|werde) ich(?: \w{1,20}){0,5}"
            r" nicht"
        ),
        r"helfen|beantworten|antworten|unterstützen|erfüllen|nachkommen|geben|bereitstellen|erstellen",
    ),
    (r"(?:je|nous) ne (?:peux|pouvons|suis pas en mesure)", r"aider|répondre|fournir|assister|faire cela"),
    (r"no (?:puedo|podemos|me es posible)", r"ayudar\w{0,3}|responder|proporcionar|cumplir"),
    (r"non (?:posso|possiamo)", r"aiutar\w{0,3}|rispondere|fornire"),
    (r"não (?:posso|podemos)", r"ajudar|responder|fornecer"),
)
_REFUSAL: Final = re.compile(
    "|".join(rf"(?:{inability})\b[^.!?;:\n]{{0,60}}?\b(?:{acts})\b" for inability, acts in _PHRASES)
    + r"|(?:i|we) (?:can't|cannot|won't|will not)[.!]?\s*\Z"
    + r"|(?:i|we) (?:must |have to |need to )?(?:respectfully |politely )?(?:decline|refuse)\b"
    + r"|(?:that|this|it)(?:'s| is) against my\b"
)
_MARKUP: Final = re.compile(r"[\s*_#>`\"'“”<]+")


def answered(sample: Sample) -> Score:
    """Score 0.0 for a blank response and for a refusal as `is_refusal` sees it, else 1.0. Anything else counts as
    an answer, nonsense too: a requirement, never a reward by itself.

    Where refusing is right (moderation, safety), use `is_refusal` and the reference instead.
    """
    if is_blank(sample.response):
        return Score(0.0, {}, ("blank",))
    return Score(0.0, {}, ("a refusal",)) if is_refusal(sample.response) else Score(1.0)


def is_refusal(text: str) -> bool:
    """Tell whether a text declines to answer: at most 600 characters that begin, after apologies and the like,
    with a phrase such as "I can't help", in English, German, French, Spanish, Italian or Portuguese.

    False positives: a text that quotes or drafts a refusal ("I cannot provide a refund" as the asked-for letter).
    False negatives: refusals after an introduction, long ones, other wordings and other languages. An apology
    alone ("I'm sorry to hear that"), "I don't know" and "the text does not say" are no refusals.
    """
    if len(text) > MAX_CHARACTERS:
        return False
    rest = text.casefold().replace("’", "'")
    for _ in range(_LEAD_INS):
        rest = rest[_end(_MARKUP, rest) :]
        if _REFUSAL.match(rest):
            return True
        rest = rest[_end(_LEAD_IN, rest) :]
    return _REFUSAL.match(rest) is not None


def _end(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    return found.end() if found else 0
