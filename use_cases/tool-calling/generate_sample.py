"""Writes the sample dataset of this use case and `tools.json`: requests to an office assistant with the calls they
need, the same bytes every time.

Run it after a change: `python use_cases/tool-calling/generate_sample.py`.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

SEED = 20_263
SIZES = {"train": 240, "validation": 40, "test": 80}
KINDS = ("single", "several", "optional", "lookalike", "none", "several")
OFFERED = 5  # tools in a record
INSTRUCTION = (
    "You are the assistant of an office. Decide which of the tools below the request needs. Answer with one JSON "
    'object and nothing else: {"tool_calls": [{"name": "<tool>", "arguments": {"<argument>": <value>}}]}, with one '
    "entry for every call, or an empty list when none of these tools can do what is asked or nothing needs to be done. "
    "Write dates as YYYY-MM-DD and times as HH:MM in 24 hours. Arguments with `=` are optional and have that "
    "default: leave them out unless the request asks for something else. Never invent arguments."
)
Arguments = dict[str, Any]
Request = tuple[str, Arguments]  # a request for one call, and the call's arguments
TEXT, WHOLE, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
DAY = {"type": "string", "description": "YYYY-MM-DD"}
TIME = {"type": "string", "description": "HH:MM"}


def tool(name: str, description: str, required: Arguments, optional: Arguments) -> dict[str, Any]:
    """Return a tool in OpenAI's shape; `optional` gives each schema with its default."""
    defaults = {key: {**schema, "default": value} for key, (schema, value) in optional.items()}
    parameters = {
        "type": "object",
        "properties": {**required, **defaults},
        "required": list(required),
        "additionalProperties": False,
    }
    return {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": parameters},
    }


def choice(*values: str) -> Arguments:
    return {"type": "string", "enum": list(values)}


FLAG = {"type": "boolean"}
TOOLS = {
    made["function"]["name"]: made
    for made in (
        tool("create_event", "Put a new event into the calendar.", {"title": TEXT, "date": DAY, "start": TIME},
             {"minutes": (WHOLE, 30), "online": (FLAG, False)}),
        tool("create_reminder", "Remind of something on a day; takes no time in the calendar.",
             {"about": TEXT, "date": DAY}, {"urgent": (FLAG, False)}),
        tool("move_event", "Move an event that is in the calendar.", {"event_id": TEXT, "date": DAY, "start": TIME},
             {}),
        tool("cancel_event", "Take an event out of the calendar.", {"event_id": TEXT}, {"notify": (FLAG, True)}),
        tool("find_room", "List rooms that are free; reserves nothing.", {"date": DAY, "start": TIME, "seats": WHOLE},
             {"projector": (FLAG, False)}),
        tool("book_room", "Reserve a certain room.", {"room": TEXT, "date": DAY, "start": TIME},
             {"minutes": (WHOLE, 60)}),
        tool("search_trains", "List trains.", {"origin": TEXT, "destination": TEXT, "date": DAY},
             {"travel_class": (choice("first", "second"), "second")}),
        tool("search_flights", "List flights.", {"origin": TEXT, "destination": TEXT, "date": DAY},
             {"cabin": (choice("economy", "business"), "economy"), "nonstop": (FLAG, False)}),
        tool("book_hotel", "Book a hotel room.", {"city": TEXT, "check_in": DAY, "nights": WHOLE},
             {"guests": (WHOLE, 1)}),
        tool("convert_currency", "Convert an amount at today's rate.",
             {"amount": NUMBER, "source": TEXT, "target": TEXT}, {}),
        tool("exchange_rates", "List the rates of a currency on a day.", {"currency": TEXT, "date": DAY}, {}),
    )
}  # fmt: skip
SIBLINGS = (
    ("create_event", "create_reminder"), ("move_event", "cancel_event"), ("find_room", "book_room"),
    ("search_trains", "search_flights"), ("convert_currency", "exchange_rates"),
)  # fmt: skip
TITLES = [
    "Budget review", "Roof inspection", "Interview with Dr. Osei", "Kick-off Lantern", "Fire drill", "Team lunch",
    "Audit follow-up", "Call with Halden & Sons", "Data protection training", "Quarterly numbers",
]  # fmt: skip
CITIES = "Aarhus Bern Brno Cork Gdansk Ghent Graz Leeds Lyon Malmö Porto Tampere".split()  # noqa: SIM905
ROOMS = ["Alba", "Birk", "Cedar", "Delta 2", "Erle", "Fjord"]
CURRENCIES = ["EUR", "USD", "GBP", "CHF", "SEK", "CZK"]
HOURS = ["twelve", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"]
QUESTIONS = [
    "What is the difference between gross and net?", "Thank you, that was all for {day}.", "How do I politely decline?",
    "Which city is larger, {city} or {other}?", "What does the abbreviation {currency} stand for?",
    "Translate 'see you on {day}' into Spanish.", "I met someone from {city} at lunch. Just so you know.",
    "Write one sentence of congratulations for our colleague in {city}.", "Never mind what I said about {day}.",
]  # fmt: skip


def a_day(r: Random) -> tuple[str, str]:
    """A day as the call needs it and as people write it."""
    day = date(2026, 1, 5) + timedelta(days=r.randrange(700))
    told = [f"{day.day} {day:%B %Y}", f"{day:%B} {day.day}, {day.year}", f"{day:%d.%m.%Y}", f"{day}"]
    return day.isoformat(), r.choice(told)


def a_time(r: Random) -> tuple[str, str]:
    hour, minute = r.randint(8, 17), r.choice([0, 15, 30, 45])
    clock = f"{(hour - 1) % 12 + 1}:{minute:02d} {'am' if hour < 12 else 'pm'}"
    words = f"half past {HOURS[hour % 12]} in the {'morning' if hour < 12 else 'afternoon'}"
    start = f"{hour:02d}:{minute:02d}"
    return start, r.choice([start, clock, words] if minute == 30 else [start, clock])


def request(text: str, arguments: Arguments, more: bool, told: str, options: Arguments) -> Request:
    """The request, with its options told and given when there is to be `more`."""
    return (text + told, arguments | options) if more else (text, arguments)


def create_event(r: Random, more: bool) -> Request:
    title, (day, on), (start, at), minutes = r.choice(TITLES), a_day(r), a_time(r), r.choice([15, 45, 60, 90])
    text = r.choice(['Put "{}" into my calendar', 'Please enter "{}"', 'Schedule "{}"']).format(title)
    told, online = r.choice([("", {}), (" as an online meeting", {"online": True})])
    arguments, options = {"title": title, "date": day, "start": start}, {"minutes": minutes, **online}
    return request(f"{text} on {on} at {at}", arguments, more, f" for {minutes} minutes{told}", options)


def create_reminder(r: Random, more: bool) -> Request:
    title, (day, on) = r.choice(TITLES), a_day(r)
    text, arguments = f'Remind me of "{title}" on {on}', {"about": title, "date": day}
    return request(text, arguments, more, ", and mark it as urgent", {"urgent": True})


def move_event(r: Random, _: bool) -> Request:
    event, (day, on), (start, at) = f"EV-{r.randint(100, 999)}", a_day(r), a_time(r)
    text = r.choice(["Move {} to {} at {}", "Event {} has to take place on {} at {} instead"])
    return text.format(event, on, at), {"event_id": event, "date": day, "start": start}


def cancel_event(r: Random, more: bool) -> Request:
    event = f"EV-{r.randint(100, 999)}"
    text = r.choice(["Cancel {}", "Take {} out of my calendar", "Call off {}"]).format(event)
    return request(text, {"event_id": event}, more, " without notifying anyone", {"notify": False})


def find_room(r: Random, more: bool) -> Request:
    (day, on), (start, at), seats = a_day(r), a_time(r), r.randint(3, 24)
    text = r.choice(["Which rooms for {} people are free", "Is there any free room with {} seats"]).format(
        seats
    )
    arguments = {"date": day, "start": start, "seats": seats}
    return request(f"{text} on {on} at {at}", arguments, more, ", with a projector", {"projector": True})


def book_room(r: Random, more: bool) -> Request:
    room, (day, on), (start, at), minutes = r.choice(ROOMS), a_day(r), a_time(r), r.choice([30, 90, 120])
    text = (
        r.choice(["Reserve room {}", "Book the room {}", "I need room {}"]).format(room)
        + f" on {on} from {at}"
    )
    arguments = {"room": room, "date": day, "start": start}
    return request(text, arguments, more, f" for {minutes} minutes", {"minutes": minutes})


def search_trains(r: Random, more: bool) -> Request:
    (origin, destination), (day, on) = r.sample(CITIES, 2), a_day(r)
    text = r.choice(["Which trains go", "Show me the trains", "List rail connections"])
    text, arguments = (
        f"{text} from {origin} to {destination} on {on}",
        {"origin": origin, "destination": destination, "date": day},
    )
    return request(text, arguments, more, " in first class", {"travel_class": "first"})


def search_flights(r: Random, more: bool) -> Request:
    (origin, destination), (day, on) = r.sample(CITIES, 2), a_day(r)
    text = r.choice(["Which flights go", "Show me the flights", "How can I fly"])
    text, arguments = (
        f"{text} from {origin} to {destination} on {on}",
        {"origin": origin, "destination": destination, "date": day},
    )
    option = r.choice(
        [(" in business class", {"cabin": "business"}), (" without changing planes", {"nonstop": True})]
    )
    return request(text, arguments, more, *option)


def book_hotel(r: Random, more: bool) -> Request:
    city, (day, on), nights, guests = r.choice(CITIES), a_day(r), r.randint(2, 9), r.randint(2, 4)
    text, arguments = (
        f"Book a hotel in {city} for {nights} nights",
        {"city": city, "check_in": day, "nights": nights},
    )
    return request(f"{text} from {on}", arguments, more, f" for {guests} guests", {"guests": guests})


def convert_currency(r: Random, _: bool) -> Request:
    (source, target), amount = (
        r.sample(CURRENCIES, 2),
        r.choice([r.randint(20, 5000), r.randint(2000, 99999) / 100]),
    )
    return f"How much is {amount:,} {source} in {target} today", {
        "amount": amount,
        "source": source,
        "target": target,
    }


def exchange_rates(r: Random, _: bool) -> Request:
    currency, (day, on) = r.choice(CURRENCIES), a_day(r)
    return f"Which rates of {currency} do you have for {on}", {"currency": currency, "date": day}


MAKERS: dict[str, Callable[[Random, bool], Request]] = {
    maker.__name__: maker
    for maker in (
        create_event, create_reminder, move_event, cancel_event, find_room, book_room, search_trains, search_flights,
        book_hotel, convert_currency, exchange_rates,
    )
}  # fmt: skip
WITH_OPTIONS = [name for name, made in TOOLS.items() if "default" in json.dumps(made)]


def small_talk(r: Random) -> str:
    city, other = r.sample(CITIES, 2)
    return r.choice(QUESTIONS).format(day=a_day(r)[1], city=city, other=other, currency=r.choice(CURRENCIES))


def sentence(text: str) -> str:
    return text + ("?" if text.startswith(("Which", "Is", "How", "What")) else ".")


def make(r: Random, kind: str) -> tuple[str, list[dict[str, Any]], list[str]]:
    """Return a request, the calls it needs, and the names of the tools on offer."""
    pair = r.choice(SIBLINGS)
    if kind == "none":
        text = sentence(MAKERS[r.choice(pair)](r, False)[0]) if r.random() < 0.5 else small_talk(r)
        return text, [], r.sample([name for name in TOOLS if name not in pair], OFFERED)
    needed = [r.choice(WITH_OPTIONS if kind == "optional" else pair)]
    if kind == "several":
        needed = r.sample([*(r.choice(siblings) for siblings in SIBLINGS), "book_hotel"], r.choice([2, 2, 3]))
    often = {"optional": 1.0, "several": 0.3}.get(kind, 0.0)
    made = [MAKERS[name](r, r.random() < often) for name in needed]
    texts = [sentence(text) for text, _ in made]
    also = [r.choice(["Also, ", "And then: "]) + text[0].lower() + text[1:] for text in texts[1:]]
    calls = [
        {"name": name, "arguments": arguments} for name, (_, arguments) in zip(needed, made, strict=True)
    ]
    sibling = [name for name in pair if name not in needed] if kind == "lookalike" else []
    spare = [name for name in TOOLS if name not in (*needed, *sibling)]
    return (
        " ".join([texts[0], *also]),
        calls,
        [*needed, *sibling, *r.sample(spare, OFFERED - len(needed + sibling))],
    )


def signature(name: str) -> str:
    """A tool in one line, as the prompt lists it."""
    told = []
    for argument, schema in TOOLS[name]["function"]["parameters"]["properties"].items():
        kind = " or ".join(json.dumps(value) for value in schema.get("enum", ())) or schema["type"]
        told.append(
            f"{argument}: {kind}" + (f" = {json.dumps(schema['default'])}" if "default" in schema else "")
        )
    return f"- {name}({', '.join(told)}): {TOOLS[name]['function']['description']}"


def records() -> Iterator[dict[str, Any]]:
    """Yield as many different records as all splits need, the kinds in turn."""
    random, seen = Random(SEED), set[str]()
    while len(seen) < sum(SIZES.values()):
        kind = KINDS[len(seen) % len(KINDS)]
        text, calls, offered = make(random, kind)
        if text in seen:
            continue
        seen.add(text)
        random.shuffle(offered)
        system = "\n".join([INSTRUCTION, "", "Tools:", *map(signature, offered)])
        yield {
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": text}],
            "reference_answer": {"tool_calls": calls},
            "tools": [TOOLS[name] for name in offered],
            "task_id": f"tools-sample-{len(seen):04d}",
            "kind": kind,
        }


def main(folder: Path) -> None:
    """Write train.jsonl, validation.jsonl and test.jsonl into a folder, and tools.json beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    made = records()
    for split, size in SIZES.items():
        lines = [json.dumps(next(made), ensure_ascii=False) + "\n" for _ in range(size)]
        (folder / f"{split}.jsonl").write_text("".join(lines), encoding="utf-8", newline="\n")
    tools = json.dumps(list(TOOLS.values()), indent=2) + "\n"
    (folder.parent / "tools.json").write_text(tools, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(__file__).parent / "sample")
