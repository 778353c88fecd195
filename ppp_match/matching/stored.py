"""Mappings that stay in a file: numbers, documents and words looked up without reading all of them.

Here: `Blobs` (byte strings by number), `Numbers` (strings to numbers), `StoredDocuments`, `StoredRestorer`. Not here:
which files there are and whether they can be trusted (store.py).

The arrays are memory-mapped, so processes share them and opening reads nothing. What is added later stays in memory
beside them.
"""

from __future__ import annotations

import json
import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from .documents import Capability, Document, Need, document_from_json, document_to_json
from .language import Restorer

__all__ = ["Blobs", "Ids", "Numbers", "StoredDocuments", "StoredRestorer", "document_line", "number_arrays"]

Array = npt.NDArray[Any]
_KEPT = 4096  # documents or words in memory
_CODING = ("utf-8", "surrogatepass")


class Blobs:
    """Byte strings one after the other: number n is `data[ends[n - 1]:ends[n]]`."""

    def __init__(self, data: Array, ends: Array) -> None:
        self._data, self._ends = memoryview(cast(Any, data)), ends

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, number: int) -> bytes:
        if not 0 <= number < len(self._ends):
            raise IndexError(number)
        start = int(self._ends[number - 1]) if number else 0
        return bytes(self._data[start : int(self._ends[number])])

    @staticmethod
    def arrays(items: Iterable[bytes]) -> dict[str, Array]:
        """The two arrays that hold the items."""
        data, sizes = bytearray(), []
        for item in items:
            data += item
            sizes.append(len(item))
        return {
            "data": np.frombuffer(bytes(data), dtype=np.uint8),
            "ends": np.cumsum(np.asarray(sizes, dtype=np.int64)),
        }


class Ids(Sequence[str]):
    """The ids of a segment."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def __len__(self) -> int:
        return len(self._blobs)

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return [self[at] for at in range(*number.indices(len(self)))]
        return self._blobs[number if number >= 0 else len(self) + number].decode(*_CODING)


def number_arrays(strings: Iterable[str]) -> dict[str, Array]:
    """The arrays of `Numbers` for strings whose numbers are their places; each may come once."""
    items = [string.encode(*_CODING) for string in strings]
    sums = np.fromiter(map(zlib.crc32, items), dtype=np.uint32, count=len(items))
    order = np.argsort(sums, kind="stable").astype(np.int32)
    return {**Blobs.arrays(items), "sums": sums[order], "order": order}


class Numbers(MutableMapping[str, int]):
    """Strings and their numbers, found by checksum and then compared; iterates in the order of the places.

    `values` gives the number of each place, where it is not the place itself; -1: not there any more.
    """

    def __init__(self, arrays: Mapping[str, Array], values: Array | None = None) -> None:
        self._blobs = Blobs(arrays["data"], arrays["ends"])
        self._sums: Any = memoryview(cast(Any, arrays["sums"]))
        self._order: Any = memoryview(cast(Any, arrays["order"]))
        self._values = values
        self._own: dict[str, int] = {}
        self._gone: set[str] = set()
        self._found: dict[str, int] = {}
        self._count = len(self._blobs) if values is None else int(np.count_nonzero(values >= 0))

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        for place in range(len(self._blobs)):
            if self._values is None or self._values[place] >= 0:
                string = self._blobs[place].decode(*_CODING)
                if string not in self._gone:
                    yield string
        yield from list(self._own)

    def __getitem__(self, string: str) -> int:
        number: int | None = self.get(string, None)
        if number is None:
            raise KeyError(string)
        return number

    def __contains__(self, string: object) -> bool:
        return isinstance(string, str) and self.get(string) is not None

    def get(self, string: str, default: Any = None) -> Any:
        """The number of a string."""
        number = self._own.get(string)
        if number is None:
            number = self._found.get(string)
            if number is None:
                number = self._place(string)
                if len(self._found) >= 16 * _KEPT:
                    self._found = {}
                self._found[string] = number
            if number < 0 or string in self._gone:
                return default
        return number

    def _place(self, string: str) -> int:
        item = string.encode(*_CODING)
        key = zlib.crc32(item)
        at = bisect_left(self._sums, key)
        while at < len(self._sums) and self._sums[at] == key:
            place = self._order[at]
            if self._blobs[place] == item:
                return place if self._values is None else int(self._values[place])
            at += 1
        return -1

    def __setitem__(self, string: str, number: int) -> None:
        if string not in self:
            self._count += 1
        elif string not in self._own:
            self._gone.add(string)
        self._own[string] = number

    def __delitem__(self, string: str) -> None:
        if string not in self:
            raise KeyError(string)
        if self._own.pop(string, None) is None or self._place(string) >= 0:
            self._gone.add(string)
        self._count -= 1


class StoredDocuments(MutableMapping[str, Document]):
    """Documents in a file of JSON lines, read one by one, and later ones in memory."""

    def __init__(self, kind: type[Need] | type[Capability], blobs: Blobs, numbers: Numbers) -> None:
        self._kind, self._blobs, self._numbers = kind, blobs, numbers
        self._own: dict[str, Document] = {}
        self._read: dict[str, Document] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __contains__(self, document_id: object) -> bool:
        return document_id in self._numbers

    def __getitem__(self, document_id: str) -> Document:
        document = self._own.get(document_id) or self._read.get(document_id)
        if document is None:
            number = self._numbers[document_id]
            record = json.loads(self._blobs[number])
            document = (
                document_from_json(Need, record)
                if self._kind is Need
                else document_from_json(Capability, record)
            )
            if len(self._read) >= _KEPT:
                self._read = {}
            self._read[document_id] = document
        return document

    def __setitem__(self, document_id: str, document: Document) -> None:
        self._own[document_id] = document
        self._read.pop(document_id, None)
        self._numbers[document_id] = -2  # not in the file

    def __delitem__(self, document_id: str) -> None:
        del self._numbers[document_id]
        self._own.pop(document_id, None)
        self._read.pop(document_id, None)


def document_line(document: Document) -> bytes:
    """A document as `StoredDocuments` reads it."""
    return (json.dumps(document_to_json(document), ensure_ascii=False) + "\n").encode(*_CODING)


class StoredRestorer(Restorer):
    """What a restorer has learnt, its best answers looked up in the file; learning more reads the rest first."""

    def __init__(self, keys: Numbers, best: Blobs, counts: Blobs) -> None:
        super().__init__()
        self._keys, self._answers, self._counts = keys, best, counts
        self._stored = True

    def _best(self, words: Sequence[str]) -> list[str] | None:
        if not self._stored:
            return super()._best(words)
        if len(words) == 1 and (words[0] in self._keep or not words[0].isalpha()):
            return None
        number = self._keys.get(" ".join(words))
        if number is None:
            return None
        best = self._answers[number].decode(*_CODING).split(" ")
        return best if len(best) == len(words) else None

    def learn(self, words: Sequence[str], weight: int = 1, *, longest: int = 3) -> None:
        """As `Restorer.learn`."""
        if self._stored:
            self._seen = {key: Counter(counts) for key, counts in self.state().items()}
            self._stored = False
        super().learn(words, weight, longest=longest)

    def state(self) -> dict[str, dict[str, int]]:
        """As `Restorer.state`."""
        if not self._stored:
            return super().state()
        return {key: json.loads(self._counts[number]) for number, key in enumerate(self._keys)}

    @staticmethod
    def arrays(state: Mapping[str, Mapping[str, int]]) -> dict[str, Array]:
        """The arrays of all three parts, by "keys.", "best." and "counts." names."""
        best = (max(counts.items(), key=lambda item: (item[1], item[0]))[0] for counts in state.values())
        parts = {
            "keys": number_arrays(state),
            "best": Blobs.arrays(text.encode(*_CODING) for text in best),
            "counts": Blobs.arrays(
                json.dumps(dict(counts), ensure_ascii=False).encode(*_CODING) for counts in state.values()
            ),
        }
        return {f"{part}.{name}": values for part, arrays in parts.items() for name, values in arrays.items()}
