"""Writes the sample dataset of this use case: word problems made from templates, the same bytes every time.

Run it after changing a template: `python use_cases/gsm8k/generate_sample.py`.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

SEED = 20_261
SIZES = {"train": 240, "validation": 40, "test": 80}
INSTRUCTION = (
    "Solve the problem step by step. End with one last line that holds only the final number, "
    "written as: #### <number>"
)
NAMES = [
    "Amara", "Bilal", "Chiara", "Dmitri", "Elif", "Farah", "Goran", "Hana",
    "Ines", "Jonas", "Keiko", "Liam", "Mbali", "Noor", "Otis", "Priya",
]  # fmt: skip
Problem = tuple[str, list[str], int]  # question, steps of the solution, answer


def bakery(r: Random) -> Problem:
    who, trays, per, price = r.choice(NAMES), r.randint(3, 12), r.randint(6, 24), r.randint(2, 6)
    ware = r.choice(["muffins", "rye rolls", "almond croissants", "oat biscuits"])
    burnt = r.randint(2, trays)
    made = trays * per
    question = (
        f"{who} bakes {trays} trays of {ware} with {per} on each tray. {burnt} of them burn and are "
        f"thrown away. The rest is sold for ${price} apiece. How many dollars does {who} take in?"
    )
    steps = [
        f"{who} bakes {trays} * {per} = {made} {ware}.",
        f"After the burnt ones are thrown away, {made} - {burnt} = {made - burnt} are left.",
        f"They bring in {made - burnt} * ${price} = ${(made - burnt) * price}.",
    ]
    return question, steps, (made - burnt) * price


def savings(r: Random) -> Problem:
    who, start, weekly, weeks = r.choice(NAMES), r.randint(5, 90), r.randint(4, 25), r.randint(3, 14)
    goal = start + weekly * weeks
    thing = r.choice(["a skateboard", "a telescope", "a second-hand guitar", "a pair of football boots"])
    question = (
        f"{who} wants {thing} that costs ${goal} and already has ${start}. If {who} puts aside "
        f"${weekly} every week, after how many weeks is there enough money?"
    )
    steps = [
        f"{who} still needs {goal} - {start} = ${goal - start}.",
        f"At ${weekly} a week this takes {goal - start} / {weekly} = {weeks} weeks.",
    ]
    return question, steps, weeks


def train_ride(r: Random) -> Problem:
    speed, hours, stop, more = r.randint(12, 32) * 5, r.randint(2, 5), r.choice([20, 30, 40]), r.randint(1, 4)
    slow = speed - 5 * r.randint(1, 4)
    first, second = speed * hours, slow * more
    question = (
        f"A train travels for {hours} hours at {speed} km/h, waits {stop} minutes in a station, and "
        f"then goes on for {more} hours at {slow} km/h. How many kilometres does it travel in all?"
    )
    steps = [
        f"The first part is {speed} * {hours} = {first} km.",
        f"The second part is {slow} * {more} = {second} km.",
        f"Waiting adds no distance, so the train travels {first} + {second} = {first + second} km.",
    ]
    return question, steps, first + second


def classroom(r: Random) -> Problem:
    rows, seats, away = r.randint(4, 9), r.randint(4, 8), r.randint(1, 9)
    each = r.randint(2, 6)
    total = rows * seats
    item = r.choice(["pencils", "worksheets", "coloured cards", "stickers"])
    question = (
        f"A classroom has {rows} rows of {seats} desks, one pupil to a desk. Today {away} pupils are "
        f"ill. The teacher gives {each} {item} to every pupil who is there. How many {item} does the "
        f"teacher hand out?"
    )
    steps = [
        f"There are {rows} * {seats} = {total} pupils in the class.",
        f"Today {total} - {away} = {total - away} are there.",
        f"The teacher hands out {total - away} * {each} = {(total - away) * each} {item}.",
    ]
    return question, steps, (total - away) * each


def ages(r: Random) -> Problem:
    a, b = r.sample(NAMES, 2)
    young, factor, later = r.randint(4, 15), r.randint(2, 4), r.randint(2, 12)
    old = young * factor
    question = (
        f"{a} is {factor} times as old as {b}, who is {young}. How old will the two be together in "
        f"{later} years?"
    )
    ages_then = f"{a} is {old} + {later} = {old + later} and {b} is {young} + {later} = {young + later}"
    steps = [
        f"{a} is {factor} * {young} = {old} years old.",
        f"In {later} years {ages_then}.",
        f"Together that is {old + later} + {young + later} = {old + young + 2 * later}.",
    ]
    return question, steps, old + young + 2 * later


def discount(r: Random) -> Problem:
    who, price, percent, count = (
        r.choice(NAMES),
        r.randint(2, 30) * 20,
        r.choice([5, 10, 15, 20, 25]),
        r.randint(2, 5),
    )
    off = price * percent // 100
    thing = r.choice(["office chairs", "bicycles", "heaters", "tents", "monitors"])
    question = (
        f"A shop sells {thing} for ${price} each and takes {percent}% off today. How many dollars "
        f"does {who} pay for {count} of them?"
    )
    steps = [
        f"The reduction is {price} * {percent} / 100 = ${off} on each.",
        f"One costs {price} - {off} = ${price - off}.",
        f"{count} of them cost {price - off} * {count} = ${(price - off) * count}.",
    ]
    return question, steps, (price - off) * count


def orchard(r: Random) -> Problem:
    trees, per, crate = r.randint(5, 25), r.randint(8, 40), r.choice([4, 5, 6, 8, 10])
    eaten = trees * per % crate
    fruit = r.choice(["apples", "pears", "plums", "quinces"])
    total = trees * per
    crates = (total - eaten) // crate
    said = f"{eaten} of them are eaten on the spot" if eaten else "none of them is eaten"
    question = (
        f"An orchard has {trees} trees that bear {per} {fruit} each. At the harvest {said}, and the "
        f"rest is packed into crates of {crate}. How many full crates are there?"
    )
    steps = [
        f"The trees bear {trees} * {per} = {total} {fruit}.",
        f"{total} - {eaten} = {total - eaten} are packed.",
        f"This fills {total - eaten} / {crate} = {crates} crates.",
    ]
    return question, steps, crates


def wages(r: Random) -> Problem:
    who, hourly, hours, extra = r.choice(NAMES), r.randint(6, 20) * 2, r.randint(20, 40), r.randint(2, 9)
    over = hourly + hourly // 2
    rent = r.randint(5, 15) * 10
    base, bonus = hourly * hours, over * extra
    question = (
        f"{who} earns ${hourly} an hour, and half as much again for each hour of overtime. Last week "
        f"it was {hours} normal hours and {extra} hours of overtime. After paying ${rent} for a tool, "
        f"how many dollars are left?"
    )
    steps = [
        f"Normal hours pay {hourly} * {hours} = ${base}.",
        f"An hour of overtime pays {hourly} + {hourly} / 2 = ${over}.",
        f"Overtime pays {over} * {extra} = ${bonus}.",
        f"Together that is {base} + {bonus} = ${base + bonus}.",
        f"After the tool {base + bonus} - {rent} = ${base + bonus - rent} are left.",
    ]
    return question, steps, base + bonus - rent


def aquarium(r: Random) -> Problem:
    length, width, depth = r.randint(3, 12), r.randint(2, 6), r.randint(2, 5)
    used = r.randint(1, length * width)
    volume = length * width * depth
    question = (
        f"A tank is {length} dm long, {width} dm wide and {depth} dm deep. One cubic decimetre holds "
        f"one litre. It is full to the rim when {used} litres are taken out. How many litres remain?"
    )
    steps = [
        f"The tank holds {length} * {width} * {depth} = {volume} litres.",
        f"After the removal {volume} - {used} = {volume - used} litres remain.",
    ]
    return question, steps, volume - used


def library(r: Random) -> Problem:
    start, lent, back = r.randint(200, 900), r.randint(30, 120), r.randint(10, 90)
    days = r.randint(2, 5)
    left = start - days * lent + days * back
    question = (
        f"A library opens on Monday with {start} books on its shelves. Every day {lent} books are "
        f"borrowed and {back} are brought back. How many books are on the shelves after {days} days?"
    )
    steps = [
        f"In {days} days {days} * {lent} = {days * lent} books leave.",
        f"In the same time {days} * {back} = {days * back} come back.",
        f"On the shelves are {start} - {days * lent} + {days * back} = {left} books.",
    ]
    return question, steps, left


def recipe(r: Random) -> Problem:
    who, people, grams = r.choice(NAMES), r.choice([2, 4, 5]), r.randint(3, 12) * 20
    guests = people * r.randint(2, 6)
    have = r.randint(1, 5) * 50
    food = r.choice(["rice", "lentils", "flour", "couscous"])
    factor = guests // people
    need = factor * grams
    buy = max(0, need - have)
    question = (
        f"A recipe for {people} people takes {grams} g of {food}. {who} cooks for {guests} people and "
        f"has {have} g at home. How many grams of {food} must {who} still buy?"
    )
    steps = [
        f"The recipe is made {guests} / {people} = {factor} times.",
        f"This takes {factor} * {grams} = {need} g of {food}.",
        f"{who} must buy {need} - {have} = {buy} g." if buy else f"{have} g are enough, so {who} buys 0 g.",
    ]
    return question, steps, buy


def teams(r: Random) -> Problem:
    size, groups, left, girls = r.randint(3, 9), r.randint(4, 15), r.randint(0, 2), r.randint(5, 20)
    total = size * groups + left
    boys = total - girls
    question = (
        f"{girls} girls and {boys} boys come to a sports day and are put into teams of {size}. Those "
        f"left over help the referees. How many teams are there?"
    )
    steps = [
        f"There are {girls} + {boys} = {total} children.",
        f"{total} = {size} * {groups} + {left}, so {left} help the referees.",
        f"That makes ({total} - {left}) / {size} = {groups} teams.",
    ]
    return question, steps, groups


TEMPLATES: tuple[Callable[[Random], Problem], ...] = (
    bakery, savings, train_ride, classroom, ages, discount, orchard, wages, aquarium, library, recipe, teams,
)  # fmt: skip


def records() -> Iterator[dict[str, object]]:
    """Yield as many different records as all splits need, the templates in turn."""
    random, seen = Random(SEED), set[str]()
    while len(seen) < sum(SIZES.values()):
        template = TEMPLATES[len(seen) % len(TEMPLATES)]
        question, steps, answer = template(random)
        if question in seen or answer < 0:
            continue
        seen.add(question)
        level = "easy" if len(steps) <= 2 else "medium" if len(steps) <= 4 else "hard"
        yield {
            "messages": [{"role": "user", "content": f"{question}\n\n{INSTRUCTION}"}],
            "reference_answer": "\n".join([*steps, f"#### {answer}"]),
            "task_id": f"gsm8k-sample-{len(seen):04d}",
            "difficulty_level": level,
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
