"""Writes the sample dataset of this use case: notes, reports and threads with a reference summary, the same bytes
every time.

Run it after a change: `python use_cases/summarization/generate_sample.py`. Every fact has two wordings, one for the
document and one for the summary, so that the references are written in words of their own.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

SEED = 20_263
SIZES = {"train": 240, "validation": 40, "test": 80}
INSTRUCTION = (
    "Summarise the {what} below in two or three sentences of at most 60 words in all, in your own words. Say what "
    "was decided or found out, with the numbers and dates that matter, and who does what next. Answer with the "
    "summary alone."
)
NAMES = [
    "Ines Varga", "Tom Adeyemi", "Lucia Ferro", "Dana Wolff", "Kofi Mensah", "Hanna Lind", "Raj Pillai",
    "Marta Nowak", "Elif Demir", "Jonas Beck", "Priya Nair", "Owen Clarke", "Sofia Brandt", "Yuki Tanabe",
]  # fmt: skip
COUNTS = {
    "votes": (5, 12), "weeks": (3, 12), "percent": (54, 93), "count": (11, 95), "days": (3, 40),
    "minutes": (12, 230), "users": (40, 9000),
}  # fmt: skip
MONTHS = ["January", "February", "March", "April", "May", "June", "September", "October", "November"]
Pair = tuple[str, str]  # the document's wording, the summary's wording
Values = dict[str, Any]


def pairs(text: str) -> list[Pair]:
    """Read lines `document | summary`; a line that ends with the bar goes on in the next one."""
    rows = text.strip().replace("|\n", "| ").splitlines()
    return [(document.strip(), summary.strip()) for document, summary in (row.split("|") for row in rows)]


SUBJECTS = pairs("""
moving the archive out of the basement | The archive's move
the new badge readers | Replacing the badge readers
bicycle parking behind building C | The bicycle shed
switching the canteen to a local caterer | A local caterer for the canteen
solar panels on the warehouse roof | The rooftop solar plant
the apprentices' exchange with Turku | The exchange of apprentices
a second shift at the packing line | Late packing shifts
the translated customer handbook | Translating the handbook
""")
DECISIONS = pairs("""
After some back and forth: yes, go ahead, but not a cent over {money}. | gets the green light with a cap of {money}
Nobody objected to pushing it back until {later}. | is postponed to {later}
Show of hands, {votes} for and 2 against, so it is on; {money} comes from the reserve. |
was approved by {votes} votes to 2 and takes {money} from the reserve
Conclusion: we let it go. The {money} already paid will not come back. | was given up, which loses {money}
We try it in one place first, for {weeks} weeks, with {money} set aside. |
starts as a trial of {weeks} weeks costing {money}
Split in two: half now for {money}, the other half not before {later}. |
comes in two halves, one now for {money}, one after {later}
""")
REASONS = pairs("""
The insurer keeps asking and will not wait for ever. | the insurer insists
{voice} pointed out that the lease ends whatever we do. | a lease runs out
The survey came back: {percent} percent of staff want it. | {percent} percent of staff asked for it
{voice} said the authorities have still not answered. | a permit is outstanding
Last winter's damage must not happen again, {voice} insisted. | last winter's damage must not recur
We lost {count} orders to this last quarter alone. | {count} orders were lost to it in a quarter
""")
ACTIONS = pairs("""
{owner} gets three quotes in writing, due {due}. | {owner} collects three offers by {due}
{owner} talks to the landlord, no later than {due}. | {owner} negotiates with the landlord until {due}
Letter to all staff: {owner}, out on {due}. | {owner} informs all employees on {due}
{owner} draws up the plan and circulates it on {due}. | {owner} sends round a plan on {due}
{owner} will ask legal whether the contract allows it and report on {due}. |
{owner} reports on {due} what the lawyers say
""")
ASIDES = [
    "The coffee machine on floor 2 is broken again; facilities knows.",
    "Minutes of the last meeting accepted without changes.",
    "{voice} joined late because of the trains.",
    "Reminder: parking permits expire at the end of the year.",
    "The projector would not connect for the first ten minutes.",
    "{voice} asked everyone to label their food in the fridge.",
]

SERVICES = pairs("""
checkout | the web shop's checkout
the driver app | the app for drivers
invoice export | exporting invoices
the login page | signing in
label printing at Hall 3 | label printing in Hall 3
the stock API | the stock interface
appointment booking | booking appointments
the payroll import | importing payroll data
video consultations | video consultations
""")
CAUSES = pairs("""
The certificate of the gateway had run out overnight; nobody gets the warning mails since the team was renamed. |
an expired gateway certificate
A migration had added an index while the table was under full load, and writes queued up behind it. |
an index built under full load
The disk of the log collector was full and every request waited for it. | a full disk on the log collector
A feature switch meant for staging was flipped in production. | a switch flipped in the wrong environment
The partner had changed the format of dates without telling anyone. | a partner's unannounced change of date format
Two replicas each thought they were the leader after a network blip. | two replicas both acting as leader
The cache was emptied by the nightly job, which had moved to daytime with the clock change. |
a cache emptied at daytime after the clock change
""")
FIXES = pairs("""
Rolled back to the version of the day before. | A rollback
Doubled the pool and restarted the workers one by one. | More connections and a rolling restart
Failed over to the second site by hand. | A manual switch to the second site
Put the old values back and cleared the queue. | Restoring the old values
Blocked the retries of one client that made it all worse. | Blocking one client's retries
""")
PREVENTIONS = pairs("""
To do: alarm at 14 days before expiry and not only at 2 ({owner}, {due}). | {owner} sets an earlier alarm by {due}
To do: {owner} writes a runbook for the night shift, {due}. | {owner} writes instructions for the night shift by {due}
To do: load test before each release; {owner} has the first one ready on {due}. | {owner} introduces load tests on {due}
To do: {owner} asks the partner for a test system, answer expected {due}. |
{owner} requests a test system from the partner until {due}
To do: two people for every change of a switch. {owner} configures that until {due}. |
{owner} makes switches need two people from {due}
""")

PRODUCTS = pairs("""
the R40 coffee grinder | R40 grinder
my annual museum pass | museum pass
the folding desk in oak | oak desk
our hosting package | hosting package
the hiking rucksack, 40 litres | hiking rucksack
the baby monitor | baby monitor
the heat pump dryer | dryer
""")
PROBLEMS = pairs("""
it stopped working on day {days} and makes a burning smell | failed after {days} days with a burning smell
I was charged twice, {money} each time | was charged {money} twice
after {days} days it still has not come, and the tracking page shows nothing | has not arrived after {days} days
one part is missing and another has a crack right through | came incomplete and cracked
it was cancelled although I had renewed it for {money} | was cancelled despite a renewal for {money}
the size on the box is not the size inside | has another size than its box says
""")
SOLUTIONS = pairs("""
I have put {refund} back on your card today; banks take up to 5 working days. |
{owner} refunded {refund}, which takes up to five working days
A new one leaves the warehouse on {due}, and you may keep the old one. |
{owner} sends a replacement on {due} and lets the customer keep the first
A technician will ring you on {due} between 8 and 12. | {owner} has a technician call in the morning of {due}
I can give you {refund} off if you keep it. - Fine, I take that. | {owner} and the customer agreed on {refund} off
I have asked the carrier to search for it. You will hear from me by {due}. |
{owner} had the carrier search and reports by {due}
Please send it in with the label attached; we pay. Repair is done by {due}. | {owner} repairs it free of charge by {due}
""")
MOODS = pairs("""
Customer: This is the third time I write! | The customer had written twice before
Customer: Thanks, that was quick for once. | The customer is content
Customer: I would still like to speak to a manager. | The customer asks for a manager
Customer: If it happens again I am gone. | The customer threatens to leave
""")


def values(r: Random) -> Values:
    """Return names, amounts and dates for one document."""
    return {
        **dict(zip(("owner", "voice", "third"), r.sample(NAMES, 3), strict=True)),
        "money": f"{r.randint(3, 190) * 100:,} euros",
        "refund": f"{r.randint(9, 240)} euros",
        "later": f"{r.choice(MONTHS)} 2027",
        "due": f"{r.randint(1, 28)} {r.choice(MONTHS)}",
        "day": f"{r.randint(1, 28)} {r.choice(MONTHS)}",
        **{name: r.randint(*span) for name, span in COUNTS.items()},
        "hour": f"{r.randint(0, 23):02d}:{r.randint(0, 59):02d}",
    }


def pick(r: Random, pairs: list[Pair], facts: Values) -> Pair:
    document, summary = r.choice(pairs)
    return document.format(**facts), summary.format(**facts)


def meeting(r: Random) -> Pair:
    facts = values(r)
    subject, decision = r.choice(SUBJECTS), pick(r, DECISIONS, facts)
    reason, action = pick(r, REASONS, facts), pick(r, ACTIONS, facts)
    aside = [text.format(**facts) for text in r.sample(ASIDES, 3)]
    lines = [aside[0], f"Main point: {subject[0]}.", reason[0], aside[1], decision[0], action[0], aside[2]]
    head = f"Meeting of {facts['day']}, present: {facts['voice']}, {facts['owner']}, {facts['third']}"
    text = r.choice(
        (
            "\n".join([head, *(f"- {line}" for line in lines)]),
            f"{head}.\n\n{' '.join(lines)}",
            "\n".join([head, *(f"{n}. {line}" for n, line in enumerate(lines, start=1))]),
        )
    )
    summary = r.choice(
        (
            f"{subject[1]} {decision[1]}, because {reason[1]}. {action[1]}.",
            f"Since {reason[1]}, the item in question changes: {lower(subject[1])} {decision[1]}. Next, {action[1]}.",
            f"{subject[1]} {decision[1]}. Behind this: {reason[1]}. As a next step {action[1]}.",
        )
    )
    return text, summary


def incident(r: Random) -> Pair:
    facts = values(r)
    service, cause = r.choice(SERVICES), r.choice(CAUSES)
    fix, prevention = r.choice(FIXES), pick(r, PREVENTIONS, facts)
    minutes, users, day = facts["minutes"], f"{facts['users']:,}", facts["day"]
    text = "\n".join(
        [
            f"INCIDENT {r.randint(200, 4999)} / {service[0]} / {day}",
            f"{facts['hour']} first complaint on the hotline. {facts['voice']} took over.",
            r.choice(("Dashboards were green all the time.", "The first alarm pointed to the wrong system.")),
            cause[0],
            fix[0],
            f"Down for {minutes} min. Seen by {users} people.",
            r.choice(("No data lost.", "Finance was told as a precaution.", "Nothing for the press.")),
            prevention[0],
        ]
    )
    told = r.choice(
        (
            f"It came from {cause[1]}. {fix[1]} ended it, and {prevention[1]}.",
            f"{cause[1].capitalize()} was behind it. {fix[1]} helped; {prevention[1]}.",
            f"The reason was {cause[1]}. {fix[1]} solved it. From here {prevention[1]}.",
        )
    )
    summary = r.choice(
        (
            f"On {day}, {service[1]} failed for {minutes} minutes, which {users} users noticed. {told}",
            f"{users} users could not rely on {service[1]} for {minutes} minutes on {day}. {told}",
            f"{service[1].capitalize()}: {minutes} minutes of failure, {users} users, on {day}. {told}",
        )
    )
    return text, summary


def support(r: Random) -> Pair:
    facts = values(r)
    product, problem = r.choice(PRODUCTS), pick(r, PROBLEMS, facts)
    solution, mood = pick(r, SOLUTIONS, facts), r.choice(MOODS)
    order = f"{r.choice('ABKT')}{r.randint(10_000, 99_999)}"
    chat = r.choice(("I hope you had a good weekend.", "Sorry for the wait.", "Let me have a look."))
    text = "\n".join(
        [
            f"Thread {r.randint(1000, 9999)}, opened {facts['day']}",
            f"Customer: Hello, it is about {product[0]}, order {order}: {problem[0]}.",
            f"{facts['owner']} (support): {chat} Which address was it for?",
            f"Customer: The one in the order, {r.choice(('ground floor', 'second floor', 'back entrance'))}.",
            f"{facts['owner']} (support): {solution[0]}",
            mood[0],
        ]
    )
    summary = r.choice(
        (
            f"A customer's {product[1]} (order {order}) {problem[1]}. {solution[1]}. {mood[1]}.",
            f"Order {order}: the {product[1]} {problem[1]}. In reply {solution[1]}. {mood[1]}.",
            f"{mood[1]}: the {product[1]} of order {order} {problem[1]}. To settle this, {solution[1]}.",
        )
    )
    return text, summary


def lower(text: str) -> str:
    return text[0].lower() + text[1:]


KINDS = {"meeting notes": meeting, "incident report": incident, "support thread": support}


def records() -> Iterator[dict[str, Any]]:
    """Yield as many different records as all splits need, the kinds in turn."""
    random, seen = Random(SEED), set[str]()
    while len(seen) < sum(SIZES.values()):
        kind, make = list(KINDS.items())[len(seen) % len(KINDS)]
        text, summary = make(random)
        if text in seen:
            continue
        seen.add(text)
        yield {
            "messages": [{"role": "user", "content": f"{INSTRUCTION.format(what=kind)}\n\n{text}"}],
            "reference_answer": summary,
            "task_id": f"summary-sample-{len(seen):04d}",
            "kind": kind.split()[0],
        }


def main(folder: Path) -> None:
    """Write train.jsonl, validation.jsonl and test.jsonl into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    made = records()
    for split, size in SIZES.items():
        lines = [json.dumps(next(made), ensure_ascii=False) + "\n" for _ in range(size)]
        (folder / f"{split}.jsonl").write_text("".join(lines), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(__file__).parent / "sample")
