"""Sketches of prompts, small enough to keep for every record, by which equal and nearly equal ones are found.

Two prompts are nearly the same when MinHash (A. Broder, 1997; by rensa) puts the resemblance of their words and pairs
of words high enough, and they agree in what makes one task another: the numbers in their order, the signs
between them, the names, and the variables of code. Sentences that many records share are instructions,
and are not counted.
"""

import io
import itertools
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import xxhash

from rft.datasets.chunks import Chunk, Source, blocks
from rft.rewards.contract import REFERENCE_KEY, content_text

RESEMBLANCE: Final = 52  # per cent as estimated, with a standard deviation of some 4
WITH_NUMBERS: Final = 38  # where several numbers agree, less must
SEVERAL_NUMBERS, FEW_WORDS, ENOUGH_WORDS = 3, 8, 20
NEVER: Final = 101  # in a short prompt every word is decisive
PERMUTATIONS: Final = 128  # of each the lowest byte is kept (b-bit MinHash, P. Li and A. König, 2010)
GRAM_WORDS: Final = 8
SAMPLED: Final = 4  # every so many passages are kept, chosen by their hash
MAX_CHARACTERS: Final = 100_000
FIRST_RECORDS: Final = 1000
_SEED: Final = 42
_COMMON_SHARE, _COMMON_RECORDS = 0.02, 3
_SENTENCE: Final = re.compile(r"(?<=[.!?:;])\s+|\n+")
_WORD: Final = re.compile(r"\w+")
_NUMBER: Final = re.compile(r"[-+]?\d+(?:[-.,:/]\d+)*%?|(?<=\s)[-+*/=<>^%](?=\s)")
_NAME: Final = re.compile(r"(?<=[\w,;] )[A-Z][\w'-]+")
_VARIABLE: Final = re.compile(r"\b[a-z]\b")  # of one letter, in text that quotes code
_MASK: Final = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Sketch:
    """`exact`, `normal` and `key` are u64 hashes: of roles and texts, of the same without case and white space, and
    of what near duplicates must agree in. `names` are 64 bits, `needed` the resemblance in per cent that makes a near
    duplicate, `signature` 128 u8; `passages` the u32 hashes of some of its runs of eight words."""

    exact: int
    normal: int
    key: int
    names: int
    needed: int
    signature: bytes
    passages: Sequence[int]


def sketch(messages: Sequence[Mapping[str, Any]], common: frozenset[int]) -> Sketch:
    """The sketch of a prompt; `common` are the hashes of the sentences that many records share."""
    from rensa import RMinHash

    roles = "\0".join(str(message.get("role")) for message in messages)
    text = "\n".join(content_text(message.get("content")) for message in messages)[:MAX_CHARACTERS]
    sentences = [sentence for sentence in _SENTENCE.split(text) if sentence]
    own = "\n".join(sentence for sentence in sentences if _hash(sentence) not in common) or text
    words = _WORD.findall(own.casefold())
    pairs = [f"{left} {right}" for left, right in itertools.pairwise(words)]
    numbers = _NUMBER.findall(own)
    minhash = RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
    minhash.update([*words, *pairs])
    names = 0
    for name in _NAME.findall(own):
        names |= 1 << (_hash(name) & 63)
    normal = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return Sketch(
        exact=_hash(f"{roles}\0{text}"),
        normal=_hash(f"{roles}\0{normal}"),
        key=_hash(json.dumps([numbers, _VARIABLE.findall(own) if "`" in own else []])),
        names=names,
        needed=_needed(len(words), len(numbers)),
        signature=bytes(value & 255 for value in minhash.digest()),
        passages=_passages(words),
    )


def common_sentences(source: Source) -> frozenset[int]:
    """The sentences that many of the first records of a file share: instructions and templates."""
    counts: Counter[int] = Counter()
    records = 0
    for block in blocks(source, Chunk(0, source.size)):
        for line in io.BytesIO(block):
            texts = _texts(line)
            if texts is not None:
                records += 1
                counts.update({_hash(sentence) for sentence in _SENTENCE.split(texts) if sentence})
            if records == FIRST_RECORDS:
                return _frequent(counts, records)
    return _frequent(counts, records)


def _needed(words: int, numbers: int) -> int:
    if numbers >= SEVERAL_NUMBERS and words >= FEW_WORDS:
        return WITH_NUMBERS
    return RESEMBLANCE if words >= ENOUGH_WORDS else NEVER


def reference_hash(record: Mapping[str, Any]) -> int:
    """A u64 hash of a record's reference, 0 when it has none."""
    reference = record.get(REFERENCE_KEY)
    return 0 if reference is None else _hash(json.dumps(reference, sort_keys=True))


def _frequent(counts: Counter[int], records: int) -> frozenset[int]:
    least = max(_COMMON_RECORDS, _COMMON_SHARE * records)
    return frozenset(digest for digest, count in counts.items() if count >= least)


def _texts(line: bytes) -> str | None:
    try:
        messages = json.loads(line)["messages"]
        return "\n".join(content_text(message.get("content")) for message in messages)[:MAX_CHARACTERS]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _passages(words: Sequence[str]) -> list[int]:
    found = []
    for start in range(len(words) - GRAM_WORDS + 1):
        digest = _hash(" ".join(words[start : start + GRAM_WORDS]))
        if digest % SAMPLED == 0:
            found.append(digest >> 32)
    return found


def _hash(text: str) -> int:
    return xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass")) & _MASK
