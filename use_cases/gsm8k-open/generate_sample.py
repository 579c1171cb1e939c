"""Writes the sample dataset of this use case: word problems made from templates, the same bytes every time.

Run it after changing a template: `python use_cases/gsm8k-open/generate_sample.py`.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

SEED = 20_291
SIZES = {"train": 240, "validation": 40, "test": 80}
INSTRUCTION = (
    "Solve the problem step by step. End with one last line that holds only the final number, "
    "written as: #### <number>"
)
NAMES = ["Aino", "Bram", "Chidi", "Dalia", "Emre", "Freja", "Gita", "Hugo", "Isla", "Jomo", "Kaya", "Luca"]
PLACES = [
    "on an island in the north", "near the old harbour", "in a valley of orchards", "beside a quiet canal",
    "at the edge of the desert", "in the hills above the lake", "on the day of the fair", "in the week before winter",
    "at a small railway halt", "behind the town hall", "under a clear sky", "after a night of rain",
]  # fmt: skip
Problem = tuple[str, list[str], int]  # question, steps of the solution, answer


def ferry(r: Random) -> Problem:
    trips, cars, people, free = r.randint(3, 9), r.randint(12, 40), r.randint(2, 5), r.randint(3, 11)
    total = trips * cars
    question = (
        f"A ferry crosses {trips} times with {cars} cars each time, and {people} people sit in every car. "
        f"{free} of all the people are crew and pay nothing. How many people pay?"
    )
    steps = [
        f"The ferry carries {trips} * {cars} = {total} cars.",
        f"In them sit {total} * {people} = {total * people} people.",
        f"Without the crew {total * people} - {free} = {total * people - free} pay.",
    ]
    return question, steps, total * people - free


def garden(r: Random) -> Problem:
    who, rows, plants, dry = r.choice(NAMES), r.randint(4, 12), r.randint(6, 18), r.randint(1, 20)
    each = r.randint(2, 7)
    alive = rows * plants - dry
    question = (
        f"{who} plants {rows} rows of {plants} tomato plants. {dry} of them dry up, and each of the others "
        f"bears {each} tomatoes. How many tomatoes are there?"
    )
    steps = [
        f"{who} plants {rows} * {plants} = {rows * plants} plants.",
        f"Of these {rows * plants} - {dry} = {alive} live.",
        f"They bear {alive} * {each} = {alive * each} tomatoes.",
    ]
    return question, steps, alive * each


def reading(r: Random) -> Problem:
    who, daily, days = r.choice(NAMES), r.randint(8, 30), r.randint(3, 9)
    read = r.randint(5, 60)
    pages = read + daily * days
    book = r.choice(
        ["A novel", "A history of Rome", "A book about bees", "A thick atlas", "A crime story", "A diary"]
    )
    question = (
        f"{book} has {pages} pages. {who} has read {read} of them and goes on with {daily} pages a day. In how "
        f"many days is it finished?"
    )
    steps = [
        f"There are {pages} - {read} = {pages - read} pages left.",
        f"They take {pages - read} / {daily} = {days} days.",
    ]
    return question, steps, days


def market(r: Random) -> Problem:
    who, kilos, price, note = r.choice(NAMES), r.randint(2, 9), r.randint(2, 8), r.choice([50, 100])
    bags = r.randint(1, 4)
    cost = kilos * price + bags
    food = r.choice(
        ["plums", "red lentils", "walnuts", "goat cheese", "green olives", "rye flour", "dried figs"]
    )
    bag = r.choice(["paper bags", "glass jars", "cotton sacks", "small baskets", "wooden boxes"])
    question = (
        f"{who} buys {kilos} kg of {food} at ${price} a kilogram and {bags} {bag} at $1 each, and pays with "
        f"${note}. How many dollars are given back?"
    )
    steps = [
        f"The {food} cost {kilos} * {price} = ${kilos * price}.",
        f"With the {bag} that is {kilos * price} + {bags} = ${cost}.",
        f"Given back are {note} - {cost} = ${note - cost}.",
    ]
    return question, steps, note - cost


def printing(r: Random) -> Problem:
    machines, speed, minutes = r.randint(2, 6), r.randint(15, 60), r.randint(4, 20)
    spoilt, stack = r.randint(1, 40), r.choice([5, 10, 20])
    sheets = machines * speed * minutes
    good = (sheets - spoilt) // stack
    rest = (sheets - spoilt) % stack
    question = (
        f"{machines} machines print {speed} sheets a minute each and run for {minutes} minutes. {spoilt} sheets are "
        f"spoilt. The good ones are put into stacks of {stack}, and what does not fill a stack is kept. How many "
        f"full stacks are there?"
    )
    steps = [
        f"A minute gives {machines} * {speed} = {machines * speed} sheets.",
        f"In all that is {machines * speed} * {minutes} = {sheets} sheets.",
        f"Good are {sheets} - {spoilt} = {sheets - spoilt}.",
        f"{sheets - spoilt} = {stack} * {good} + {rest}, so {rest} are kept.",
        f"That makes {good} full stacks.",
    ]
    return question, steps, good


def hiking(r: Random) -> Problem:
    who, up, down, breaks = r.choice(NAMES), r.randint(2, 6), r.randint(1, 4), r.choice([10, 15, 20])
    count = r.randint(1, 4)
    total = (up + down) * 60 + breaks * count
    place = r.choice(
        ["a mountain", "the old pilgrims' path", "a glacier", "the forest road", "a steep ridge"]
    )
    why = r.choice(
        ["to drink", "to take photographs", "to wait for a friend", "to look at the map", "to eat"]
    )
    question = (
        f"{who} walks {up} hours up {place} and {down} hours down, and stops {why} {count} times for {breaks} minutes. "
        f"How many minutes does the hike take?"
    )
    steps = [
        f"Walking takes {up} + {down} = {up + down} hours.",
        f"That is {up + down} * 60 = {(up + down) * 60} minutes.",
        f"The stops add {count} * {breaks} = {count * breaks} minutes.",
        f"Together {(up + down) * 60} + {count * breaks} = {total} minutes.",
    ]
    return question, steps, total


TEMPLATES: tuple[Callable[[Random], Problem], ...] = (ferry, garden, reading, market, printing, hiking)


def records() -> Iterator[dict[str, object]]:
    """Yield as many different records as all splits need, the templates in turn."""
    random, seen = Random(SEED), set[str]()
    while len(seen) < sum(SIZES.values()):
        question, steps, answer = TEMPLATES[len(seen) % len(TEMPLATES)](random)
        question = f"This happens {random.choice(PLACES)}. {question}"
        numbers = " ".join(
            re.findall(r"\d+", question)
        )  # the same numbers in other words nearly repeat a problem
        if f"{len(seen) % len(TEMPLATES)} {numbers}" in seen or answer < 0:
            continue
        seen.add(f"{len(seen) % len(TEMPLATES)} {numbers}")
        level = "easy" if len(steps) <= 2 else "medium" if len(steps) <= 3 else "hard"
        yield {
            "messages": [{"role": "user", "content": f"{question}\n\n{INSTRUCTION}"}],
            "reference_answer": "\n".join([*steps, f"#### {answer}"]),
            "task_id": f"gsm8k-open-sample-{len(seen):04d}",
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
