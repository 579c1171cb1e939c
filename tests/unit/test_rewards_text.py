"""Length, repetition, refusal and language: loops and padding lose, style does not."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rft.rewards import (
    MissingReferenceError,
    Sample,
    Score,
    answered,
    in_language,
    is_refusal,
    not_repetitive,
    relative_length,
    repeated_share,
    token_budget,
)
from rft.rewards.language import LANGUAGES

GSM8K = Path(__file__).parents[3] / "shared" / "data" / "gsm8k"


def sample(response: str, reference: object = None) -> Sample:
    return Sample("1", (), response, reference)


def budget(text: str) -> Score:
    return token_budget(sample(text), soft=10, hard=20)


ALL: list[Callable[[str], Score]] = [
    budget,
    lambda text: relative_length(sample(text, "some reference")),
    lambda text: not_repetitive(sample(text)),
    lambda text: answered(sample(text)),
    lambda text: in_language(sample(text), "de"),
]


@pytest.mark.parametrize(("characters", "value"), [(1, 1), (40, 1), (60, 0.5), (80, 0), (81, 0), (10**6, 0)])
def test_length_is_free_up_to_the_soft_cap_and_worth_nothing_at_the_hard_one(
    characters: int, value: float
) -> None:
    assert budget("x" * characters).value == value


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_longer_answer_never_fits_a_budget_better(a: int, b: int) -> None:
    short, long = sorted((a + 1, b + 1))
    assert budget("x" * long).value <= budget("x" * short).value
    assert budget("x" + " " * (long - 1)).value <= budget("x" * short).value  # white space counts


@pytest.mark.parametrize(
    ("response", "value"),
    [
        ("x" * 10, 1),
        ("x" * 15, 1),
        ("x" * 20, 2 / 3),
        ("x" * 30, 0),
        ("x" * 5, 1),
        ("x" * 2, 0.4),
        ("", 0),
        (" ", 0),
    ],
)
def test_length_is_compared_with_the_reference(response: str, value: float) -> None:
    score = relative_length(sample(response, "y" * 10), least=0.5)
    assert score.value == pytest.approx(value)


@pytest.mark.parametrize("reference", [None, "", "  "])
def test_length_without_a_reference_is_an_error(reference: str | None) -> None:
    with pytest.raises(MissingReferenceError):
        relative_length(sample("x", reference))


@pytest.mark.parametrize(
    "call",
    [
        lambda: token_budget(sample("x"), soft=0, hard=1),
        lambda: token_budget(sample("x"), soft=2, hard=2),
        lambda: relative_length(sample("x", "y"), soft=0.9),
        lambda: relative_length(sample("x", "y"), soft=3, hard=3),
        lambda: relative_length(sample("x", "y"), least=1.1),
        lambda: not_repetitive(sample("x"), soft=0.5, hard=0.5),
        lambda: not_repetitive(sample("x"), hard=1.1),
    ],
)
def test_caps_without_sense_are_refused(call: Callable[[], Score]) -> None:
    with pytest.raises(ValueError, match="must be"):
        call()


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("", 0), ("billing", 0), ("This ticket belongs to the billing queue.", 0), ("billing billing", 0.5),
        ("billing, billing, billing", 2 / 3), ("a b c a b c", 0.25), ("a b c d e f g h " * 2, 6 / 14),
    ],
)  # fmt: skip
def test_repetition_is_the_share_of_what_was_said_before(text: str, share: float) -> None:
    assert repeated_share(text) == pytest.approx(share)


@pytest.mark.parametrize(
    "text",
    [
        "billing\n" * 3, "billing " * 200, "I will now answer the question. " * 40, "billing" * 100, "a" * 500,
        "她说好。" * 30, "#### 72\n" * 12, "Yes! " * 10, "ab" * 1000 + " the end",
    ],
)  # fmt: skip
def test_a_loop_earns_nothing(text: str) -> None:
    assert not_repetitive(sample(text)).value == 0.0


@given(st.text(min_size=1).filter(str.strip), st.integers(20, 40))
def test_any_text_said_often_enough_earns_nothing(text: str, times: int) -> None:
    looped = " ".join([text] * times)
    if any(character.isalnum() for character in text):
        assert not_repetitive(sample(looped)).value == 0.0


@pytest.mark.skipif(not GSM8K.is_dir(), reason="../shared/data/gsm8k is absent")
def test_honest_solutions_are_not_called_repetitive() -> None:
    answers = [json.loads(line)["answer"] for line in (GSM8K / "test.jsonl").open(encoding="utf-8")]
    punished = sum(not_repetitive(sample(answer)).value < 1 for answer in answers)
    assert punished / len(answers) < 0.01
    assert not any(is_refusal(answer) for answer in answers)
    english = [in_language(sample(answer), "en").value for answer in answers]
    assert sum(share < 0.8 for share in english) / len(english) < 0.01


REFUSALS = """
I'm sorry, but I can't help with that.
I'm sorry, I am not able to answer this question.
I cannot assist with that request.
Sorry, I can't do that.
I’m unable to help with this.
As an AI language model, I cannot provide medical advice.
Unfortunately, I won't be able to help.
I must decline.
I can't.
**I cannot comply with this request.**
No, I won't do that.
I have to respectfully decline to answer.
That's something I can't help with.
This is against my guidelines.
We are unable to process your request.
Thank you for your question. Unfortunately, I cannot help.
I'm sorry, but as an AI developed by Acme, I can't share that.
Es tut mir leid, aber dabei kann ich leider nicht helfen.
Leider kann ich Ihnen dabei nicht helfen.
Ich kann diese Frage nicht beantworten.
Je suis désolé, mais je ne peux pas vous aider.
Lo siento, pero no puedo ayudarte con eso.
Mi dispiace, ma non posso aiutarti.
Desculpe, mas não posso ajudar com isso.
""".strip().splitlines()
ANSWERS = """
I'm sorry to hear that. Your refund of $42 is on its way.
I cannot find the total in the document; the answer is 0.
The function cannot assist with that.
I can help with that.
I'm unable to determine the due date, so it is null.
I don't know.
{"answer": "I can't help"}
No.
I'm afraid the parcel is lost; we will send another.
I won a prize.
She said: I can't help it.
Unfortunately the order 73519 was cancelled.
Ich kann helfen.
Das kann ich bestätigen: 72.
No puedo creerlo: son 72.
I will not repeat the steps; the answer is 72.
We are not able to ship before Monday.
72
""".strip().splitlines()


@pytest.mark.parametrize("text", REFUSALS)
def test_a_refusal_is_no_answer(text: str) -> None:
    assert answered(sample(text)) == Score(0.0, {}, ("a refusal",))


@pytest.mark.parametrize("text", ANSWERS)
def test_an_answer_is_not_taken_for_a_refusal(text: str) -> None:
    assert answered(sample(text)).value == 1.0


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b", "\u2060 \ufeff\n", "\x00"])
def test_what_cannot_be_seen_is_silence(text: str) -> None:
    assert answered(sample(text)) == Score(0.0, {}, ("blank",))
    assert budget(text).value == not_repetitive(sample(text)).value == 0.0
    assert relative_length(sample(text, "y")).value == 0.0


def test_a_long_answer_that_begins_with_an_apology_is_an_answer() -> None:
    assert not is_refusal("I'm sorry, but I can't help with that. " + "Still, here is what I found. " * 30)


# The first sentence of article 1 of the Universal Declaration of Human Rights, where not more is needed.
HUMAN_RIGHTS = {
    "ar": "يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق.",
    "de": "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt "
    "und sollen einander im Geiste der Brüderlichkeit begegnen.",
    "el": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.",
    "en": "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience "
    "and should act towards one another in a spirit of brotherhood.",
    "es": "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y "
    "conciencia, deben comportarse fraternalmente los unos con los otros.",
    "fr": "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de "
    "conscience et doivent agir les uns envers les autres dans un esprit de fraternité.",
    "he": "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.",
    "hi": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
    "it": "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono dotati di ragione e di "
    "coscienza e devono agire gli uni verso gli altri in spirito di fratellanza.",
    "ja": "すべての人間は、生れながらにして自由であり、かつ、尊厳と権利とについて平等である。",
    "ko": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
    "nl": "Alle mensen worden vrij en gelijk in waardigheid en rechten geboren. Zij zijn begiftigd met verstand en "
    "geweten, en behoren zich jegens elkander in een geest van broederschap te gedragen.",
    "pl": "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem i "
    "sumieniem i powinni postępować wobec innych w duchu braterstwa.",
    "pt": "Todos os seres humanos nascem livres e iguais em dignidade e em direitos. Dotados de razão e de "
    "consciência, devem agir uns para com os outros em espírito de fraternidade.",
    "ru": "Все люди рождаются свободными и равными в своем достоинстве и правах.",
    "sv": "Alla människor är födda fria och lika i värde och rättigheter. De har utrustats med förnuft och samvete och "
    "bör handla gentemot varandra i en anda av gemenskap.",
    "th": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ",
    "zh": "人人生而自由，在尊严和权利上一律平等。",
}
SAME_SCRIPT = {("zh", "ja"), ("zh", "ko")}


@pytest.mark.parametrize("written", LANGUAGES)
def test_a_text_is_in_its_own_language_and_in_no_other(written: str) -> None:
    text = HUMAN_RIGHTS[written]
    assert in_language(sample(text), written).value >= 0.9
    for asked in set(LANGUAGES) - {written}:
        if (written, asked) not in SAME_SCRIPT:
            assert in_language(sample(text), asked).value <= 0.5, asked


def test_mixing_languages_costs_the_share_of_the_other() -> None:
    mixed = f"{HUMAN_RIGHTS['en']} {HUMAN_RIGHTS['de']}"
    assert 0.4 < in_language(sample(mixed), "en").value < 0.7
    half_chinese = f"{HUMAN_RIGHTS['zh']} Everyone is free."
    assert 0.3 < in_language(sample(half_chinese), "zh").value < 0.7


@pytest.mark.parametrize("text", ["", "72", "#### 1,000", "billing", "Marta Yamada", "???"])
def test_a_text_without_evidence_is_not_held_against_it(text: str) -> None:
    assert in_language(sample(text), "de").value == 1.0


def test_a_language_that_is_not_in_the_list_is_refused() -> None:
    with pytest.raises(ValueError, match="language must be one of ar, de,"):
        in_language(sample("x"), "klingon")


@pytest.mark.parametrize("score", ALL)
@settings(deadline=None)  # the first call imports
@given(text=st.text())
def test_no_text_makes_a_block_raise_or_leave_zero_and_one(score: Callable[[str], Score], text: str) -> None:
    assert 0.0 <= score(text).value <= 1.0


FLOODS = ["a", "a ", "i'm sorry, ", "ich kann ", "billing\n", "\ufdfa", "é ", "𠀀", "\ud800", "*", "der and "]


@pytest.mark.parametrize("flood", FLOODS)
def test_a_million_characters_end_soon(flood: str) -> None:
    text = (flood * (1_000_000 // len(flood) + 1))[:1_000_000]
    began = time.process_time()
    for score in ALL:
        score(text)
        score(text[:600])
    assert time.process_time() - began < 6
