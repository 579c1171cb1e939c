"""Writes the sample dataset of this use case: invoices as text in four layouts, the same bytes every time.

Run it after a change: `python use_cases/invoice-extraction/generate_sample.py`.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

SEED = 20_262
SIZES = {"train": 240, "validation": 40, "test": 80}
INSTRUCTION = (
    "Read the invoice below and answer with one JSON object and nothing else. Keys: invoice_number, vendor, "
    "customer, issue_date, due_date, currency (ISO code), line_items (each with description, quantity, "
    "unit_price, amount), subtotal, tax, total. Write dates as YYYY-MM-DD, amounts as numbers, and null for "
    "a due date that is not given."
)
FIRST = [
    "Nordlicht",
    "Blue Harbour",
    "Castellani",
    "Kestrel",
    "Okafor",
    "Brightwater",
    "Lindqvist",
    "Sakura",
    "Atlas",
]
TRADE = [
    "Tools",
    "Catering",
    "Office Supply",
    "Lighting",
    "Freight",
    "Print",
    "Gardens",
    "Analytics",
    "Plumbing",
]
FORM = ["GmbH", "Ltd", "S.r.l.", "AB", "Inc.", "& Sons", "AG", "Co."]
CUSTOMERS = [
    "Vesta Clinics",
    "Riverside School",
    "Orion Robotics",
    "Hotel Miramar",
    "City of Aldersbach",
    "Juno Foods",
]
GOODS = {
    "LED panel 60x60": 4450, "Cable drum 25 m": 2990, "A4 paper, box": 1875, "Toner cartridge": 7420,
    "Site survey": 18000, "Consulting, hour": 9500, "Delivery": 1250, "Raised garden bed": 13200,
    "Lunch buffet, person": 1640, "Copper pipe 2 m": 865, "Monthly licence": 4900, "Poster A1": 2310,
    "Pallet transport": 6375, "Tap, brushed steel": 11890, "Work gloves, pair": 540, "Safety helmet": 2275,
}  # fmt: skip
CURRENCIES = {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "CHF ", "SEK": "kr "}
TAX_PERCENT = {"EUR": 19, "USD": 8, "GBP": 20, "CHF": 8, "SEK": 25}
MONTHS = [
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
]  # fmt: skip
Invoice = dict[str, Any]


def make_invoice(r: Random) -> Invoice:
    """Return an invoice as the reference gives it; money is computed in hundredths and so adds up exactly."""
    currency = r.choice(list(CURRENCIES))
    issued = date(2025, 1, 1) + timedelta(days=r.randrange(540))
    due = issued + timedelta(days=r.choice([10, 14, 30, 45])) if r.random() < 0.8 else None
    items, subtotal = [], 0
    for description in r.sample(list(GOODS), r.randint(1, 4)):
        quantity, price = r.randint(1, 24), GOODS[description] + 5 * r.randrange(-40, 60)
        subtotal += quantity * price
        items.append(
            {
                "description": description,
                "quantity": quantity,
                "unit_price": price / 100,
                "amount": quantity * price / 100,
            }
        )
    tax = (subtotal * TAX_PERCENT[currency] + 50) // 100
    return {
        "invoice_number": r.choice(["INV-", "R", "2025/", "F-"]) + str(r.randint(1000, 99999)),
        "vendor": f"{r.choice(FIRST)} {r.choice(TRADE)} {r.choice(FORM)}",
        "customer": r.choice(CUSTOMERS),
        "issue_date": issued.isoformat(),
        "due_date": due.isoformat() if due else None,
        "currency": currency,
        "line_items": items,
        "subtotal": subtotal / 100,
        "tax": tax / 100,
        "total": (subtotal + tax) / 100,
    }


def money(invoice: Invoice, amount: float) -> str:
    return f"{CURRENCIES[invoice['currency']]}{amount:,.2f}"


def long_date(text: str) -> str:
    year, month, day = text.split("-")
    return f"{int(day)} {MONTHS[int(month) - 1]} {year}"


def dotted_date(text: str) -> str:
    year, month, day = text.split("-")
    return f"{day}.{month}.{year}"


def table(i: Invoice) -> str:
    rows = [
        f"{item['description']:<24} {item['quantity']:>4} {money(i, item['unit_price']):>12} "
        f"{money(i, item['amount']):>14}"
        for item in i["line_items"]
    ]
    due = [f"Due date: {i['due_date']}"] if i["due_date"] else []
    return "\n".join(
        [
            i["vendor"],
            f"INVOICE {i['invoice_number']}",
            f"Date: {i['issue_date']}",
            *due,
            f"Bill to: {i['customer']}",
            "",
            f"{'Description':<24} {'Qty':>4} {'Unit price':>12} {'Amount':>14}",
            *rows,
            "",
            f"Subtotal {money(i, i['subtotal'])}",
            f"Tax {money(i, i['tax'])}",
            f"TOTAL ({i['currency']}) {money(i, i['total'])}",
        ]
    )


def email(i: Invoice) -> str:
    goods = "; ".join(
        f"{item['quantity']} x {item['description']} at {money(i, item['unit_price'])} = "
        f"{money(i, item['amount'])}"
        for item in i["line_items"]
    )
    due = f" Please pay by {long_date(i['due_date'])}." if i["due_date"] else " Payable on receipt."
    return (
        f"Dear colleagues at {i['customer']},\n\nthank you for your order. This is invoice "
        f"{i['invoice_number']} of {long_date(i['issue_date'])}: {goods}. Net {money(i, i['subtotal'])}, tax "
        f"{money(i, i['tax'])}, together {money(i, i['total'])} ({i['currency']}).{due}\n\nKind regards\n"
        f"{i['vendor']}"
    )


def form(i: Invoice) -> str:
    lines = [
        f"Seller        : {i['vendor']}",
        f"Buyer         : {i['customer']}",
        f"Document no.  : {i['invoice_number']}",
        f"Issued        : {dotted_date(i['issue_date'])}",
        f"Pay until     : {dotted_date(i['due_date']) if i['due_date'] else '-'}",
        f"Currency      : {i['currency']}",
    ]
    for number, item in enumerate(i["line_items"], start=1):
        lines += [
            f"Position {number}    : {item['description']}",
            f"  {item['quantity']} pcs, each {item['unit_price']:.2f}, sum {item['amount']:.2f}",
        ]
    return "\n".join([*lines, f"Net / tax / gross : {i['subtotal']:.2f} / {i['tax']:.2f} / {i['total']:.2f}"])


def receipt(i: Invoice) -> str:
    lines = [
        f"*** {i['vendor']} ***",
        f"No {i['invoice_number']}   {i['issue_date'].replace('-', '/')}",
        "-" * 32,
    ]
    for item in i["line_items"]:
        lines += [
            item["description"],
            f"   {item['quantity']} @ {item['unit_price']:.2f}   {item['amount']:.2f}",
        ]
    lines += [
        "-" * 32,
        f"SUB {i['subtotal']:.2f}",
        f"TAX {i['tax']:.2f}",
        f"DUE {i['currency']} {i['total']:.2f}",
    ]
    if i["due_date"]:
        lines.append(f"payable before or on {long_date(i['due_date'])}")
    return "\n".join([*lines, f"customer: {i['customer']}"])


IN_BLOCKS = (
    5  # every so many records have their content as blocks, which is the other form that Bedrock takes
)
LAYOUTS: tuple[Callable[[Invoice], str], ...] = (table, email, form, receipt)


def records() -> Iterator[dict[str, Any]]:
    """Yield as many different records as all splits need, the layouts in turn."""
    random, seen = Random(SEED), set[str]()
    while len(seen) < sum(SIZES.values()):
        layout, invoice = LAYOUTS[len(seen) % len(LAYOUTS)], make_invoice(random)
        text = layout(invoice)
        if text in seen:
            continue
        seen.add(text)
        blocks = [{"type": "text", "text": f"{INSTRUCTION}\n\n"}, {"type": "text", "text": text}]
        in_blocks = len(seen) % IN_BLOCKS == 0
        yield {
            "messages": [{"role": "user", "content": blocks if in_blocks else f"{INSTRUCTION}\n\n{text}"}],
            "reference_answer": invoice,
            "task_id": f"invoice-sample-{len(seen):04d}",
            "layout": layout.__name__,
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
