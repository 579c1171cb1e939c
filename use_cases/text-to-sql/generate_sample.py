"""Writes the sample dataset of this use case: questions about four small databases, the same bytes every time.

Run it after a change: `python use_cases/text-to-sql/generate_sample.py`.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

SEED = 20_264
SIZES = {"train": 240, "validation": 40, "test": 80}
INSTRUCTION = (
    "Write one SQLite query that answers the question. Select the columns that the question names, in that order, and "
    "nothing else; sort only when the question asks for an order. Answer with the query in one ```sql block and "
    "nothing else."
)
Tables = dict[str, list[list[Any]]]
Question = tuple[str, str]  # words and gold query

CITIES = ["Aarhus", "Bern", "Brno", "Cork"]
NAMES = "Ada Bo Cleo Dan Edda Finn Gro Hugo Ines Jon Kim Lea".split()  # noqa: SIM905 (as above)
GROUPS = {"shop": ["garden", "kitchen", "office"], "clinic": ["heart", "skin", "teeth"],
          "library": ["crime", "history", "poetry"], "depot": ["bus", "tram", "ferry"]}  # fmt: skip

SCHEMAS = {
    "shop": """CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT);
CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, price REAL NOT NULL);
CREATE TABLE sale (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id),
  product_id INTEGER NOT NULL REFERENCES product (id), quantity INTEGER NOT NULL, sold_on TEXT NOT NULL);""",
    "clinic": """CREATE TABLE doctor (id INTEGER PRIMARY KEY, name TEXT NOT NULL, field TEXT NOT NULL);
CREATE TABLE patient (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT, born_on TEXT NOT NULL);
CREATE TABLE visit (id INTEGER PRIMARY KEY, doctor_id INTEGER NOT NULL REFERENCES doctor (id),
  patient_id INTEGER NOT NULL REFERENCES patient (id), seen_on TEXT NOT NULL, fee REAL);""",
    "library": """CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT NOT NULL, genre TEXT NOT NULL, pages INTEGER);
CREATE TABLE member (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT);
CREATE TABLE loan (id INTEGER PRIMARY KEY, book_id INTEGER NOT NULL REFERENCES book (id),
  member_id INTEGER NOT NULL REFERENCES member (id), lent_on TEXT NOT NULL, returned_on TEXT);""",
    "depot": """CREATE TABLE vehicle (id INTEGER PRIMARY KEY, plate TEXT NOT NULL, kind TEXT NOT NULL, seats INTEGER);
CREATE TABLE driver (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT);
CREATE TABLE trip (id INTEGER PRIMARY KEY, vehicle_id INTEGER NOT NULL REFERENCES vehicle (id),
  driver_id INTEGER REFERENCES driver (id), drove_on TEXT NOT NULL, km REAL NOT NULL);""",
}
# By domain: a question in a line of its own, the gold query in indented lines below it. {group}, {city}, {month},
# {day}, {amount} and {number} are drawn for every record.
QUESTIONS = {
    "shop": """Which products of the category {group} are there? Give their names.
  SELECT name FROM product WHERE category = '{group}'
For every category, give the category and the number of its products.
  SELECT category, COUNT(*) FROM product GROUP BY category
For every product that was sold, give its name and how many pieces were sold in all, most pieces first.
  SELECT p.name, SUM(s.quantity) AS pieces FROM sale AS s JOIN product AS p ON p.id = s.product_id GROUP BY p.id,
  p.name ORDER BY pieces DESC
What was the turnover (price times quantity) of the category {group} in all?
  SELECT SUM(s.quantity * p.price) FROM sale AS s JOIN product AS p ON p.id = s.product_id WHERE p.category =
  '{group}'
Give the names of customers who never bought anything.
  SELECT c.name FROM customer AS c LEFT JOIN sale AS s ON s.customer_id = c.id WHERE s.id IS NULL
Name and price of the {number} dearest products, dearest first.
  SELECT name, price FROM product ORDER BY price DESC LIMIT {number}
How many sales were there in {month}?
  SELECT COUNT(*) FROM sale WHERE sold_on LIKE '{month}-%'
Which products cost more than the average product? Give their names.
  SELECT name FROM product WHERE price > (SELECT AVG(price) FROM product)
For every month with a sale (as YYYY-MM), give the month and the pieces sold, earliest month first.
  SELECT SUBSTR(sold_on, 1, 7) AS month, SUM(quantity) FROM sale GROUP BY month ORDER BY month
How many sales were there on or after {day}?
  SELECT COUNT(*) FROM sale WHERE sold_on >= '{day}'
Which customers bought something before {day}? Give each name once.
  SELECT DISTINCT c.name FROM sale AS s JOIN customer AS c ON c.id = s.customer_id WHERE s.sold_on < '{day}'
For every product sold on or after {day}, give its name and the pieces sold from that day on.
  SELECT p.name, SUM(s.quantity) FROM sale AS s JOIN product AS p ON p.id = s.product_id WHERE s.sold_on >= '{day}'
  GROUP BY p.id, p.name""",
    "clinic": """\
For every doctor with a visit, give the name and the number of visits.
  SELECT d.name, COUNT(*) FROM visit AS v JOIN doctor AS d ON d.id = v.doctor_id GROUP BY d.id, d.name
What is the average of the recorded fees in the field {group}?
  SELECT AVG(v.fee) FROM visit AS v JOIN doctor AS d ON d.id = v.doctor_id WHERE d.field = '{group}'
Give the name and the date of birth of the {number} oldest patients, oldest first.
  SELECT name, born_on FROM patient ORDER BY born_on LIMIT {number}
Give the names of patients who were never seen.
  SELECT name FROM patient WHERE id NOT IN (SELECT patient_id FROM visit)
For every known city of patients, give the city and the number of its patients, in order of the alphabet.
  SELECT city, COUNT(*) FROM patient WHERE city IS NOT NULL GROUP BY city ORDER BY city
Give the sum of all fees, a missing fee counting as 20.
  SELECT SUM(COALESCE(fee, 20)) FROM visit
Which patients were born in 1980 or later? Give name and date of birth, youngest first.
  SELECT name, born_on FROM patient WHERE born_on >= '1980-01-01' ORDER BY born_on DESC
Which doctors saw somebody on or after {day}? Give each name once, in order of the alphabet.
  SELECT DISTINCT d.name FROM visit AS v JOIN doctor AS d ON d.id = v.doctor_id WHERE v.seen_on >= '{day}' ORDER BY
  d.name
Give patient's name and day of the {number} latest visits before {day}, latest first.
  SELECT p.name, v.seen_on FROM visit AS v JOIN patient AS p ON p.id = v.patient_id WHERE v.seen_on < '{day}' ORDER BY
  v.seen_on DESC LIMIT {number}
Which patients paid more than {amount} in all? Give name and sum.
  SELECT p.name, SUM(v.fee) FROM visit AS v JOIN patient AS p ON p.id = v.patient_id GROUP BY p.id, p.name HAVING
  SUM(v.fee) > {amount}""",
    "library": """\
Which members have a book at home at present? Give each name once.
  SELECT DISTINCT m.name FROM loan AS l JOIN member AS m ON m.id = l.member_id WHERE l.returned_on IS NULL
For every genre, give the genre and the average number of pages, leaving out books without one.
  SELECT genre, AVG(pages) FROM book WHERE pages IS NOT NULL GROUP BY genre
Which books were never lent? Give their titles.
  SELECT b.title FROM book AS b WHERE NOT EXISTS (SELECT 1 FROM loan AS l WHERE l.book_id = b.id)
For every returned loan, give its id and for how many days the book was away.
  SELECT id, JULIANDAY(returned_on) - JULIANDAY(lent_on) FROM loan WHERE returned_on IS NOT NULL
For every member, also those without a loan, give the name and the number of loans.
  SELECT m.name, COUNT(l.id) FROM member AS m LEFT JOIN loan AS l ON l.member_id = m.id GROUP BY m.id, m.name
Give the titles of books that were lent to a member from {city}, each once.
  SELECT DISTINCT b.title FROM loan AS l JOIN book AS b ON b.id = l.book_id JOIN member AS m ON m.id = l.member_id
  WHERE m.city = '{city}'
Which loans that began before {day} are not returned yet? Give their ids.
  SELECT id FROM loan WHERE lent_on < '{day}' AND returned_on IS NULL
Give title and genre of books with more than {amount}0 pages.
  SELECT title, genre FROM book WHERE pages > {amount}0
For every genre lent on or after {day}, give the genre and the number of these loans, most loans first.
  SELECT b.genre, COUNT(*) AS loans FROM loan AS l JOIN book AS b ON b.id = l.book_id WHERE l.lent_on >= '{day}' GROUP
  BY b.genre ORDER BY loans DESC
Give the titles of books that nobody borrowed before {day}.
  SELECT b.title FROM book AS b WHERE NOT EXISTS (SELECT 1 FROM loan AS l WHERE l.book_id = b.id AND l.lent_on <
  '{day}')""",
    "depot": """\
For every vehicle with a trip, give plate and kilometres, most kilometres first.
  SELECT v.plate, SUM(t.km) AS total FROM trip AS t JOIN vehicle AS v ON v.id = t.vehicle_id GROUP BY v.id, v.plate
  ORDER BY total DESC
For every driver with a trip, give the name and the number of different vehicles driven.
  SELECT d.name, COUNT(DISTINCT t.vehicle_id) FROM trip AS t JOIN driver AS d ON d.id = t.driver_id GROUP BY d.id,
  d.name
How many seats do all vehicles have together, those without a number counting as 30?
  SELECT SUM(COALESCE(seats, 30)) FROM vehicle
Give plate and seats of vehicles with fewer than {number}0 seats, in order of their plates.
  SELECT plate, seats FROM vehicle WHERE seats < {number}0 ORDER BY plate
Give id and kilometres of trips longer than {amount} kilometres, longest first.
  SELECT id, km FROM trip WHERE km > {amount} ORDER BY km DESC
For every driver with a trip on or after {day}, give the name and the kilometres from that day on.
  SELECT d.name, SUM(t.km) FROM trip AS t JOIN driver AS d ON d.id = t.driver_id WHERE t.drove_on >= '{day}' GROUP BY
  d.id, d.name
Give plate and kilometres of the {number} longest trips on or after {day}, longest first.
  SELECT v.plate, t.km FROM trip AS t JOIN vehicle AS v ON v.id = t.vehicle_id WHERE t.drove_on >= '{day}' ORDER BY
  t.km DESC LIMIT {number}""",
}
MONTHS = ["2025-03", "2025-04", "2025-05"]


def a_day(r: Random) -> str:
    return (date(2025, 3, 1) + timedelta(days=r.randrange(90))).isoformat()


def maybe(r: Random, value: Any) -> Any:
    """The value, or NULL for one in six."""
    return None if r.random() < 1 / 6 else value


def people(r: Random, count: int) -> list[list[Any]]:
    """Ids, names and cities; the second person of a database has the first one's name and another city."""
    names = r.sample(NAMES, count)
    names[1] = names[0]
    return [[number, name, maybe(r, r.choice(CITIES))] for number, name in enumerate(names, start=1)]


def numbered(r: Random, least: int, most: int, make: Callable[[], list[Any]]) -> list[list[Any]]:
    """Rows with ids from 1."""
    return [[number, *make()] for number in range(1, r.randint(least, most) + 1)]


def shop(r: Random) -> Tables:
    goods = iter(r.sample(["lamp", "rake", "pan", "desk", "knife", "vase", "chair"], 6))
    products = numbered(r, 6, 6, lambda: [
        f"{r.choice(['Blue', 'Grand', 'Plain'])} {next(goods)}", r.choice(GROUPS["shop"]), r.randint(20, 900) / 10,
    ])  # fmt: skip
    sales = numbered(
        r, 12, 17, lambda: [maybe(r, r.randint(1, 4)), r.randint(1, 5), r.randint(1, 9), a_day(r)]
    )
    return {"customer": people(r, r.randint(6, 8)), "product": products, "sale": sales}


def clinic(r: Random) -> Tables:
    doctors = [[number, f"Dr. {name}", r.choice(GROUPS["clinic"])] for number, name, _ in people(r, 5)]
    patients = [
        [*person, f"{r.randint(1950, 2010)}-{r.randint(1, 12):02d}-{r.randint(1, 28):02d}"]
        for person in people(r, r.randint(6, 8))
    ]
    visits = numbered(
        r, 12, 17, lambda: [r.randint(1, 5), r.randint(1, 5), a_day(r), maybe(r, r.randint(40, 300) / 2)]
    )
    return {"doctor": doctors, "patient": patients, "visit": visits}


def loan(r: Random) -> list[Any]:
    lent = a_day(r)
    back = date.fromisoformat(lent) + timedelta(days=r.randint(1, 40))
    return [r.randint(1, 5), r.randint(1, 4), lent, None if r.random() < 0.3 else back.isoformat()]


def library(r: Random) -> Tables:
    titles = iter(r.sample(["Orchard", "Tower", "Tide", "Mirror", "Fox", "Winter", "Map"], 7))
    books = numbered(
        r, 7, 7, lambda: [f"The {next(titles)}", r.choice(GROUPS["library"]), maybe(r, r.randint(80, 700))]
    )
    return {
        "book": books,
        "member": people(r, r.randint(6, 7)),
        "loan": numbered(r, 12, 17, lambda: loan(r)),
    }


def depot(r: Random) -> Tables:
    vehicles = numbered(r, 7, 7, lambda: [
        f"{r.choice('ABCD')}{r.choice('EFGH')} {r.randint(100, 999)}", r.choice(GROUPS["depot"]),
        maybe(r, r.randint(9, 70)),
    ])  # fmt: skip
    trips = numbered(
        r, 12, 17, lambda: [r.randint(1, 6), maybe(r, r.randint(1, 4)), a_day(r), r.randint(20, 2500) / 10]
    )
    return {"vehicle": vehicles, "driver": people(r, r.randint(6, 7)), "trip": trips}


DATABASES: dict[str, Callable[[Random], Tables]] = {
    "shop": shop, "clinic": clinic, "library": library, "depot": depot,
}  # fmt: skip


def questions(text: str) -> list[Question]:
    """The questions of a domain with their gold queries."""
    found: list[Question] = []
    for line in text.splitlines():
        if line.startswith(" "):
            words, gold = found.pop()
            found.append((words, f"{gold} {line.strip()}".strip()))
        else:
            found.append((line, ""))
    return found


def record(r: Random, domain: str, question: Question, tried: int) -> dict[str, Any]:
    """A record whose second database tells its gold query from most wrong ones."""
    values = {"group": r.choice(GROUPS[domain]), "city": r.choice(CITIES), "month": r.choice(MONTHS),
              "day": a_day(r), "amount": r.randint(15, 85), "number": r.randint(1, 4)}  # fmt: skip
    words, gold = (part.format(**values) for part in question)
    rows = Random(f"{SEED}{domain}{tried}")
    content = f"{INSTRUCTION}\n\n{SCHEMAS[domain]}\n\nQuestion: {words}"
    reference = {
        "ideal_response": f"```sql\n{gold}\n```",
        "schema": SCHEMAS[domain],
        "databases": [DATABASES[domain](rows), DATABASES[domain](rows)],
    }
    return {
        "messages": [{"role": "user", "content": content}],
        "reference_answer": reference,
        "domain": domain,
    }


def tells_apart(made: dict[str, Any]) -> bool:
    """Whether the gold query returns more than nothing, NULL or 0 on both databases, and not the same on them."""
    reference = made["reference_answer"]
    gold = reference["ideal_response"].removeprefix("```sql\n").removesuffix("\n```")
    results = []
    for rows in reference["databases"]:
        connection = sqlite3.connect(":memory:")
        connection.executescript(reference["schema"])
        for table, values in rows.items():
            marks = ", ".join("?" * len(values[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", values)  # noqa: S608 (our own names)
        results.append(connection.execute(gold).fetchall())
        connection.close()
    return all(result not in ([], [(None,)], [(0,)]) for result in results) and results[0] != results[1]


def records() -> Iterator[dict[str, Any]]:
    """Yield as many records with distinct prompts as all splits need, the domains in turn."""
    r, domains = Random(SEED), list(SCHEMAS)
    known = {domain: questions(text) for domain, text in QUESTIONS.items()}
    seen: set[str] = set()
    tried = 0
    while len(seen) < sum(SIZES.values()):
        domain = domains[len(seen) % len(domains)]
        tried += 1
        made = record(r, domain, r.choice(known[domain]), tried)
        prompt = made["messages"][0]["content"]
        if prompt not in seen and tells_apart(made):
            seen.add(prompt)
            yield {**made, "task_id": f"sql-sample-{len(seen):04d}"}


def main(folder: Path) -> None:
    """Write train.jsonl, validation.jsonl and test.jsonl into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    made = records()
    for split, size in SIZES.items():
        lines = [json.dumps(next(made), ensure_ascii=False) + "\n" for _ in range(size)]
        (folder / f"{split}.jsonl").write_text("".join(lines), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(__file__).parent / "sample")
