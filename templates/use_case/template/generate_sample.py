"""Writes the sample dataset of this use case: support tickets made from phrases, the same bytes every time.

Run it after a change; it writes into the folder `sample` beside it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

SEED = 20_263
SIZES = {"train": 240, "validation": 40, "test": 80}
INSTRUCTION = (
    "Sort the support ticket into one queue. Answer with its label and nothing else: "
    "billing, technical, shipping, login or cancellation."
)
CHANNELS = ["email", "chat", "phone note"]
OPENINGS = ["Hello,", "Hi there,", "Good morning,", "To whom it may concern,", "Hey,", "Customer writes:"]
CLOSINGS = ["Thanks!", "Please get back to me soon.", "Regards, {who}", "{who}", "This is urgent.", ""]
WHO = [
    "A. Moreau",
    "Tunde",
    "K. Yamada",
    "Ingrid",
    "S. Patel",
    "Marta",
    "Lukas W.",
    "Chen",
    "Rosa",
    "D. O'Neill",
]
THINGS = [
    "desk lamp",
    "running shoes",
    "coffee grinder",
    "headset",
    "rain jacket",
    "water filter",
    "keyboard",
]
TICKETS = {
    "billing": [
        "I was charged ${amount} twice for order {order}.",
        "The invoice for order {order} shows ${amount}, but the shop said less.",
        "My refund of ${amount} for the {thing} has not arrived after {days} days.",
        "Why does my card statement list ${amount} that I never agreed to?",
    ],
    "technical": [
        "The app crashes each time I open the page of the {thing}.",
        "Since the update {days} days ago the search shows a blank screen.",
        "My {thing} no longer pairs with the app, error {order}.",
        "Uploading a photo of the {thing} stops at {amount} percent.",
    ],
    "shipping": [
        "Order {order} should have been here {days} days ago. Where is my parcel?",
        "The {thing} came to the wrong address.",
        "Tracking of order {order} has not moved for {days} days.",
        "The box with my {thing} arrived crushed and wet.",
    ],
    "login": [
        "I cannot sign in, it says my password is wrong although I reset it {days} days ago.",
        "The code to sign in never reaches my phone ending in {amount}.",
        "My profile is locked after {days} attempts, and I need to see order {order}.",
        "After changing my email address the password reset goes to the old one, order {order}.",
    ],
    "cancellation": [
        "Please stop order {order}, I do not need the {thing} any more.",
        "I want to end my subscription before the next {days} days are over.",
        "Call off the delivery of the {thing}, I bought it by mistake.",
        "How do I quit my membership? I joined {days} days ago.",
    ],
}


def ticket(random: Random, label: str) -> tuple[str, str]:
    """Return what a ticket of this label says, and its whole text."""
    values = {
        "amount": random.randint(11, 99),
        "order": random.randint(10_000, 99_999),
        "days": random.randint(2, 21),
        "thing": random.choice(THINGS),
        "who": random.choice(WHO),
    }
    said = random.choice(TICKETS[label]).format(**values)
    parts = (random.choice(OPENINGS).format(**values), said, random.choice(CLOSINGS).format(**values))
    return said, " ".join(part for part in parts if part)


def records() -> Iterator[dict[str, Any]]:
    """Yield as many different records as all splits need, the labels in turn."""
    random, seen = Random(SEED), set[str]()
    labels = list(TICKETS)
    while len(seen) < sum(SIZES.values()):
        label = labels[len(seen) % len(labels)]
        said, text = ticket(random, label)
        if said in seen:  # another greeting makes no other ticket, and one in train and test would be a leak
            continue
        seen.add(said)
        yield {
            "messages": [{"role": "user", "content": f"{INSTRUCTION}\n\nTicket: {text}"}],
            "reference_answer": label,
            "task_id": f"ticket-{len(seen):04d}",
            "channel": random.choice(CHANNELS),
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
