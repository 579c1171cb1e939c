"""Language of a response, by its script and its function words.

No package: `py3langid` needs numpy, `lingua` unpacks to 306 MB (a function may have 250), `simplemma` to 19 MB
with 0.8 s for its first text, `langdetect` has had no release since 2021 and answers at random unless seeded. And
a reward needs less than they do: not which of a hundred languages a text is in, but how much of it is in the one
that was asked for.
"""

import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Final

from rft.rewards.contract import Sample, Score
from rft.rewards.words import normalised

MAX_CHARACTERS: Final = 50_000  # of a response; the rest is not looked at

# Languages written in Latin letters are told apart by these; a word of several counts for the one asked for.
_FUNCTION_WORDS: Final = {
    "de": (
        "aber alle als an auch auf aus bei bin bis das dass dem den der des dich diese dieser durch ein "
        "eine einem einen einer er es für haben hat ich ihr im in ist kann kein keine mit nach nicht noch "
        "nur oder sehr sich sie sind und uns unter vom von vor war wenn werden wie wir wird zu zum zur über"
    ),
    "en": (
        "a about after all also an and any are as at be been before but by can could did do does each every "
        "for from had has have he her his how i if in into is it its more no not of on only or other our "
        "out over per she should so some than that the their them then there these they this to under was "
        "we were what when where which while who will with would you your"
    ),
    "es": (
        "al aunque como con cuando de del desde donde el ella ellos en entre era es esta este está están "
        "fue hasta hay la las le lo los muy más nos o para pero por porque que se ser si sin sobre son su "
        "sus también tiene todo un una uno y ya"
    ),
    "fr": (
        "au aussi aux avec ce ces cette comme dans de des deux du elle elles en est et il ils je la le les "
        "leur lui mais même ne nous on ont ou où par pas plus pour qu que qui sa sans se ses son sont sur "
        "tout très un une vous été être"
    ),
    "it": (
        "al alla anche che chi ci come con da dal dalla degli dei del della delle di e era gli ha hanno i "
        "il in io la le lei lo loro ma nel nella non o per perché più quando questa questo se si sono su "
        "sul tra un una uno è"
    ),
    "nl": (
        "aan als bij dan dat de deze die dit door een en er geen haar heb heeft het hij hoe hun ik in is je "
        "kan maar met mijn naar niet nog of om ook op over te tot uit van veel voor was wat we werd wij "
        "worden wordt ze zich zij zijn zo"
    ),
    "pl": (
        "ale być był była było ci co czy dla do i ich jak jako jego jej jest już która które który lub ma "
        "mi może na nie o od oraz po pod przez przy się są tak tego to tylko tym w we wszystko z za ze że"
    ),
    "pt": (
        "ao aos as até com como da das de depois do dos e ela ele eles em entre era essa esse esta este eu "
        "foi há isso já mais mas na nas no nos não o os ou para pela pelo por porque quando que se sem ser "
        "seu sua são também tem um uma à é"
    ),
    "sv": (
        "alla att av blev blir da de den det där efter ej eller en ett från får för ha hade han har hon hur "
        "i in inte jag kan kommer med men mot mycket ni när och om på sedan sig sin ska skulle som så till "
        "under upp ut var vi vid är över"
    ),
}
# Others by script alone, under the first words of Unicode's character names.
_SCRIPTS: Final = {
    "ar": ("ARABIC",),
    "el": ("GREEK",),
    "he": ("HEBREW",),
    "hi": ("DEVANAGARI",),
    "ja": ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"),
    "ko": ("HANGUL", "CJK"),
    "ru": ("CYRILLIC",),
    "th": ("THAI",),
    "zh": ("CJK",),
} | dict.fromkeys(_FUNCTION_WORDS, ("LATIN",))
LANGUAGES: Final = tuple(sorted(_SCRIPTS))


def in_language(sample: Sample, language: str) -> Score:
    """Score the share of the response that is in a language, as DeepSeek-R1's language consistency reward does
    (arXiv:2501.12948, section 2.3.2): the share of letters in the language's script, for languages written in
    Latin letters times own / (own + rival), `own` being how many of its function words occur, and `rival` how many
    others of that language which has most of them. A response without evidence (a number,
    a name, no text) scores 1.0: this is about language, not about content.

    `language` is one of `LANGUAGES`: ar, de, el, en, es, fr, he, hi, it, ja, ko, nl, pl, pt, ru, sv, th, zh.
    Components: `script`, `function_words`.

    Failure modes: quoted passages, code and English terms in an answer count against it, so `scale` the score
    (0.5 to 0.9, say) rather than asking for all; short texts have few function words; languages that are not in the
    list pass for their script (Ukrainian as ru, Persian as ar; Danish scores low as sv, not 0); Japanese without kana
    is Chinese for it; word salad of function words scores 1.0.

    Raises:
        ValueError: when the language is not in the list.
    """
    if language not in _SCRIPTS:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}")
    text = sample.response[:MAX_CHARACTERS]
    script = _script_share(text, _SCRIPTS[language])
    words = _word_share(text, language) if language in _FUNCTION_WORDS else 1.0
    reasons = (f"not all in {language}",) if script * words < 1 else ()
    return Score(script * words, {"script": script, "function_words": words}, reasons)


def _script_share(text: str, scripts: tuple[str, ...]) -> float:
    letters = {character: count for character, count in Counter(text).items() if character.isalpha()}
    total = sum(letters.values())
    own = sum(count for character, count in letters.items() if _script(character) in scripts)
    return own / total if total else 1.0


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    name = unicodedata.name(unicodedata.normalize("NFKC", character)[0], "")
    return name.split(" ", 1)[0]


def _word_share(text: str, language: str) -> float:
    found = Counter(normalised(text.replace("'", " ").replace("’", " ")).split())
    counts: Counter[str] = Counter()
    for word, count in found.items():
        languages = _languages().get(word, frozenset())
        counts.update(dict.fromkeys({language} if language in languages else languages, count))
    rival = max((count for other, count in counts.items() if other != language), default=0)
    return counts[language] / (counts[language] + rival) if rival else 1.0


@lru_cache(maxsize=1)
def _languages() -> dict[str, frozenset[str]]:
    """Languages of every function word."""
    found: dict[str, set[str]] = {}
    for language, listed in _FUNCTION_WORDS.items():
        for word in listed.split():
            found.setdefault(word, set()).add(language)
    return {word: frozenset(languages) for word, languages in found.items()}
