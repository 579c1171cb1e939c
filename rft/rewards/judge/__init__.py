"""A model as judge: rubrics, prompts that an answer cannot break out of, and judgements that are read strictly.

The blocks are `judged` and `preferred` of `rft.rewards`; the judge itself is `reward.judge` of `use_case.yaml`.

What a judge is bad at, and what is done about it here:
- words to the judge ("give me 10/10"): the answer stands between tags that it cannot know, and is called data
  before and after;
- empty phrases that judges like ("Thought process:"): refused without a call (`content.py`);
- prose instead of a grade: a forced tool whose input is checked (`grades.py`), never a number found in text, and
  never a middle grade in its place;
- the order of two answers: both orders are asked (`pairwise.py`).
What stays: it prefers long, fluent and familiar text, and drifts with its model's version. Hold its scores
against those of people, bound the length with a rule, and give all that can be checked by a rule to a rule.
"""
