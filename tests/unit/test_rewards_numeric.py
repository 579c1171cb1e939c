"""Final numbers: style never costs, guessing never pays."""

from fractions import Fraction

import pytest

from rft.rewards.numeric import final_number

# Text -> the number that it ends up with.
MARKS = [
    ("#### 72", "72"), ("#### 72.", "72"), ("####\n72", "72"), ("####72", "72"), ("**#### 72**", "72"),
    ("#### **72**", "72"), ("#### *72*", "72"), ("#### ***72***", "72"), ("#### __72__", "72"), ("#### `72`",
    "72"), ("##### 72", "72"),
    ("＃＃＃＃ 72", "72"), ("#### ７２", "72"), ("#### 72\nSo \\boxed{72}", "72"), ("#### 72!", "72"),
    ("#### 72</answer>", "72"), ("#### 48+24 = <<48+24=72>>72", "72"),
    ("#### The final answer is 72", "72"), ("#### Final Answer\n72", "72"), ("#### Answer:\n\n**72**", "72"),
    ("#### Step 1: 24\n#### Step 2: add\n#### 72", "72"), ("#### 1. Add\n24\n#### 72", "72"),
    ("#### Solution\nWe add.\n#### 72", "72"), ("#### 72\n\nLet me know if you have questions!", "72"),
    ("#### 72\n" + "This is because of the sum. " * 40, "72"), ("#### 72\r\n", "72"), ("#### x = 72", "72"),
    ("#### 48 + 24 = 72", "72"), ("#### 72 = 48 + 24", "72"), ("#### 72. Check: 72/3 = 24", "72"),
    ("#### 72 (seventy-two)", "72"), ("#### $18 (18 dollars)", "18"), ("#### 72 or seventy-two", "72"),
    ("#### 72 clips (48 in April and 24 in May)", "72"), ("#### 72 (check: 72/3 = 24)", "72"),
    ("#### (48 + 24) = 72", "72"), ("<think>#### 24\n#### 48</think>#### 72", "72"),
    ("#### 10/3 ≈ 3.33", "3.33"), ("<answer>72</answer>", "72"), ("<answer> $72 </answer>\n#### 72", "72"),
    ("\\boxed{72}", "72"), ("$\\boxed{72}$", "72"), ("\\boxed {72}", "72"),
    ("$\\boxed{\\$1{,}000}$", "1000"), ("\\boxed{\\frac{1}{2}}", "1/2"), ("\\boxed{\\text{72 dollars}}", "72"),
    ("\\boxed{72\\text{ cm}^2}", "72"), ("\\boxed{\\mathbf{72}}", "72"), ("\\boxed{\\boxed{72}}", "72"),
    ("\\boxed{x = 72}", "72"), ("\\boxed{72^\\circ}", "72"), ("\\boxed{72\\%}", "72"),
    ("\\boxed{-\\dfrac{3}{4}}", "-3/4"),
    ("\\boxed{1\\frac{1}{2}}", "3/2"), ("\\boxed{\\frac12}", "1/2"), ("\\boxed{1\\,000}", "1000"),
    ("\\boxed{\\left(72\\right)}", "72"), ("\\[ \\boxed{72} \\]", "72"), ("\\boxed{1,\\!000}", "1000"),
    ("\\boxed{72} and in full \\boxed{72.0}", "72"),
]  # fmt: skip
STATED = [
    ("the answer is 72 apples.", "72"), ("The final answer is: **−5**", "-5"), ("Answer: 3/4", "3/4"),
    ("**Answer:** 72", "72"), ("The answer is\n\n72", "72"), ("Final answer:\n$72$", "72"),
    ("The answer to the question is 72.", "72"), ("answer = 72", "72"), ("ANSWER: $72", "72"),
    ("The answer is **73**.", "73"), ("The answer is 72. The answer is 72.", "72"),
    ("First 3.\nAnswer: 18\n", "18"), ("The answer is 72 because 72 / 2 = 36.", "72"),
    ("The answer is 72, since 48 + 24 = 72", "72"),
    ("The answer is seventy-two.", "72"), ("The answer is minus five.", "-5"),
    ("The answer is $1,000.50, as 500.25 * 2 = 1000.50.", "1000.5"),
]  # fmt: skip
LAST = [
    ("so 48+24 = 72", "72"), ("I get 72.", "72"), ("So there are 1,450,000 in all.", "1450000"),
    ("It has 1 450 000 people", "1450000"), ("72", "72"), ("-7", "-7"), ("**73**", "73"), ("$72$", "72"),
    ("- 72 apples", "72"), ("1. Add them: 72", "72"), ("I paid $1,234.50.", "1234.5"), ("Total – 72", "72"),
    ("It is -5", "-5"), ("In all 48 and 24 make 72", "72"), ("That is 5 m², the area is 72 m²", "72"),
    ("I think the sum is seventy-two.", "72"), ("\\( 72 \\)", "72"), ("x=72", "72"),
    ("the volume is 72 cm^{3}", "72"),
]  # fmt: skip
NOTATION = [
    ("1,000", "1000"), ("1,234,567.89", "1234567.89"), ("1 000", "1000"), ("1 234 567", "1234567"),
    ("1\u00a0000", "1000"), ("1\u2009000", "1000"), ("1\u202f000", "1000"), ("1_000_000", "1000000"),
    ("1'000", "1000"), ("1’000’000", "1000000"), ("1.234,56", "1234.56"), ("1.234.567", "1234567"),
    ("12,5", "12.5"),
    ("0,125", "0.125"), ("1.234", "1.234"), ("1234,567", "1234.567"), ("1 234,5", "1234.5"), ("1,00,000", "100000"),
    ("12,34,567", "1234567"), ("18.00", "18"), ("0.50", "1/2"), (".5", "1/2"), ("0.09", "0.09"), ("007", "7"),
    ("$18", "18"), ("$ 18", "18"), ("-$5", "-5"), ("$-5", "-5"), ("€ 1,000,000", "1000000"), ("18 €", "18"),
    ("£18", "18"),
    ("₹1,00,000", "100000"), ("¥500", "500"), ("US$50", "50"), ("R$ 50", "50"), ("USD 50", "50"), ("EUR50", "50"),
    ("50 USD", "50"), ("Rs. 50", "50"), ("Rs 50", "50"), ("CHF 1'000.50", "1000.5"), ("\\$18", "18"),
    ("￥500", "500"),
    ("50%", "50"), ("50 %", "50"), ("50 percent", "50"), ("12.5 per cent", "12.5"), ("50％", "50"),
    ("72 clips in 2 months", "72"), ("72 km/h", "72"), ("72 m^2", "72"), ("72 m²", "72"), ("72cm", "72"),
    ("72°C", "72"),
    ("72 °", "72"), ("about 72", "72"), ("~72", "72"), ("approximately $72", "72"), ("+72", "72"),
    ("18 dollars and 50 cents", "18.5"), ("2 dollars and 5 cents", "2.05"),
    ("3/4", "3/4"), ("10/2", "5"), ("3 / 4", "3/4"), ("-3/4", "-3/4"), ("3⁄4", "3/4"), ("½", "1/2"),
    ("2½", "5/2"), ("¾ cup", "3/4"),
    ("1 1/2", "3/2"), ("2 3/4 hours", "11/4"), ("-1 1/2", "-3/2"), ("1,000/3", "1000/3"),
    ("1e3", "1000"), ("1.2e3", "1200"), ("1.2E+3", "1200"), ("5e-3", "0.005"), ("1.2 x 10^3", "1200"),
    ("1.2 × 10³", "1200"), ("1.2 \\times 10^{3}", "1200"), ("1.2*10^3", "1200"), ("3·10⁻²", "0.03"),
    ("10^6", "1000000"),
    ("10^{-2}", "0.01"), ("5 million", "5000000"), ("2.5 thousand", "2500"), ("$5k", "5000"), ("3 hundred", "300"),
    ("−5", "-5"), ("–5", "-5"), ("- 5", "-5"), ("﹣5", "-5"), ("-5.", "-5"), ("٧٢", "72"), ("७२", "72"),
    ("𝟕𝟐", "72"),
    ("٣٫٥", "3.5"), ("7\u200b2", "72"),
    ("seventy-two", "72"), ("Seventy Two", "72"), ("one hundred and five", "105"), ("a hundred", "100"),
    ("zero", "0"),
    ("twelve thousand three hundred and four", "12304"), ("one million", "1000000"),
    ("nine hundred ninety-nine", "999"),
    ("two million, three hundred thousand and one", "2300001"), ("twelve hundred", "1200"),
    ("three-quarters", "3/4"),
    ("two thirds", "2/3"), ("half", "1/2"), ("two and a half", "5/2"), ("three point one four", "3.14"),
    ("two dozen", "24"),
    ("seventy-two apples", "72"), ("**seventy-two**", "72"), ("\\text{seventy-two}", "72"), ("minus seven", "-7"),
]  # fmt: skip
NOT_FINAL = [
    "", " ", "no number", "####", "#### none", "48 + 24 = 72\n#### none", "#### ,", "#### .", "#### -", "#### $",
    # several answers
    "#### 1\n#### 72", "#### 24\n#### 48\n#### 72", "#### 24 #### 72", "#### 72\n\\boxed{71}",
    "\\boxed{71} \\boxed{72}",
    "<answer>71</answer><answer>72</answer>", "#### 72 or 96", "#### 96 or 72", "#### 72 and 73",
    "#### 72, 73", "#### 72; 73",
    "#### 1 2 3", "#### 72 96", "#### 72 | 96", "#### 72/73/74", "#### 72 (or 96)", "#### 72 (96)",
    "#### 72 (or 96 clips)", "#### 5 (2 + 3)", "<think>#### 72</think>none", "#### 72, maybe 96",
    "#### 72. Or 96.",
    "#### either 72 or 96", "#### 72\nor 96", "#### 72\n96\n48", "#### 72\nAlternatively 96",
    "#### 72 or ninety-six",
    "#### 72 - 96", "#### 72–96", "#### 72 to 96", "#### between 72 and 96", "#### 72 ± 1", "#### 71 = 72",
    "answer: 1, 2, 72", "The answer is 71. The answer is 72.", "The answer is 71, no wait, the answer is 72.",
    "The answer is 72 or 73.", "Answer: 71\nAnswer: 72", "It could be 1, 2, 3 or 72", "10, 20, 72",
    "Either 71 or 72.",
    "24 48 72", "70\n71\n72", "71\n72", "I get 71. Or maybe 72", "70; 71; 72", "70/71/72",
    "#### twenty or thirty", "#### twenty thirty", "The answer is twenty or thirty.", "seventy-one or seventy-two",
    # work left undone
    "#### 48+24", "#### 48 + 24", "#### 48 - 24", "#### 9**9**9", "#### 2^10", "#### 3x4", "#### 3 × 24",
    "#### 8*9",
    "#### 6 \\times 12", "so it is 48 + 24", "#### 2(36)", "#### 72 * x", "#### 48+", "#### (48 + 24)",
    # another value than the digits'
    "#### 72x", "#### 72\\pi", "#### 72π", "#### \\sqrt{72}", "#### √72", "#### log(72)", "#### 2\\sqrt{3}",
    "#### 72\\sqrt{2}",
    "#### x^2", "#### not 72", "#### A72", "\\boxed{\\frac{x}{2}}", "\\boxed{\\frac{\\pi}{2}}", "\\boxed{2y}",
    # no number
    "#### 2023-01-05", "#### 12:30", "#### 1.2.3", "#### 1,2,3", "#### 1,23,4", "#### 1/0", "#### nan",
    "#### inf", "#### 0x48",
    "#### " + "9" * 61, "\n".join(f"#### 72 {'a' * n}" for n in range(70)), "#### 1e999",
    "#### 1e99999999999", "#### 10^99999999", "#### __import__('os').getpid()",
    "#### ²", "\\boxed{}", "<answer></answer>",
    "#### 2x = 72", "#### x + y = 72", "#### x^2 = 72", "#### (7,2)", "#### x > 72", "#### > 72",
    "#### 72 < x", "#### x ≤ 72", "\\boxed{0.\\overline{3}}", "#### [0,1)",
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), [*MARKS, *STATED, *LAST])
def test_a_final_number_is_found_wherever_it_usually_stands(text: str, value: str) -> None:
    assert final_number(text) == Fraction(value)


@pytest.mark.parametrize("place", ["#### {}", "\\boxed{{{}}}", "The answer is {}.", "<answer>{}</answer>"])
@pytest.mark.parametrize(("text", "value"), NOTATION)
def test_a_number_is_read_in_every_usual_notation(place: str, text: str, value: str) -> None:
    assert final_number(place.format(text)) == Fraction(value)


@pytest.mark.parametrize("text", NOT_FINAL)
def test_a_guess_or_nothing_is_no_final_number(text: str) -> None:
    assert final_number(text) is None


@pytest.mark.parametrize(("text", "value"), LAST)
def test_the_last_number_can_be_turned_off(text: str, value: str) -> None:
    assert final_number(text, last_number=False) is None
    assert final_number(f"#### {value}", last_number=False) == Fraction(value)


@pytest.mark.parametrize("cut", ["\\boxed{72", "so \\boxed{\\text{72}"])
def test_a_box_that_was_cut_off_is_no_box(cut: str) -> None:
    assert final_number(cut, last_number=False) is None
