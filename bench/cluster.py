"""How much faster two workers rank than one: efficiency of `rank-all` on dask.distributed, on this machine.

    python bench/cluster.py [--needs 600] [--capabilities 3000] [--rounds 3]

Invented texts with a fixed seed. Both clusters rank the same blocks in turns; starting processes and fitting the index
are not counted. Efficiency is time with one worker / (2 x time with two); on a busy machine it says little.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from distributed import Client, LocalCluster

from ppp_match.matching.bilingual import default_lexicon
from ppp_match.matching.blocks import Layout, prepare, rank_block
from ppp_match.matching.documents import read_needs


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--needs", type=int, default=600)
    parser.add_argument("--capabilities", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    layout = Layout(block=20)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name, count in (("needs", asked.needs), ("capabilities", asked.capabilities)):
            write(folder / f"{name}.jsonl", count, seed=name)
        parts = folder / "out.parts"
        wanted = read_needs(folder / "needs.jsonl")
        cut = [wanted[at : at + layout.block] for at in range(0, len(wanted), layout.block)]
        prepare(parts, {}, cut, folder / "capabilities.jsonl")
        times: dict[int, list[float]] = {1: [], 2: []}
        with cluster(1) as one, cluster(2) as two:
            for client in (one, two):
                ranked(
                    client, parts, layout, range(2 * len(client.scheduler_info()["workers"]))
                )  # opens the index
            for _ in range(asked.rounds):
                for workers, client in ((1, one), (2, two)):
                    times[workers].append(ranked(client, parts, layout, range(len(cut))))
        ratio = statistics.median(first / second for first, second in zip(times[1], times[2], strict=True))
        print(f"{len(cut)} blocks of {layout.block} needs against {asked.capabilities} capabilities")
        print(f"two workers against one: {ratio:.2f} x as fast, efficiency {ratio / 2:.2f} (bar 0.80)")


def cluster(workers: int) -> Client:
    return Client(LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address="127.0.0.1:0"))


def ranked(client: Client, parts: Path, layout: Layout, blocks: Any) -> float:
    """Seconds to rank these blocks."""
    start = time.perf_counter()
    client.gather(client.map(rank_block, [str(parts)] * len(blocks), list(blocks), layout=layout, pure=False))
    return time.perf_counter() - start


def write(file: Path, count: int, seed: str) -> None:
    """`count` documents of 60 to 120 words of the lexicon, half of them in each language."""
    draw = random.Random(seed)  # noqa: S311  no secret
    entries = default_lexicon().entries
    with file.open("w", encoding="utf-8") as stream:
        for number in range(count):
            lang = draw.choice(("vi", "en"))
            words = [getattr(entry, lang) for entry in draw.choices(entries, k=draw.randint(40, 80))]
            row = {"id": f"{file.stem}-{number}", "lang": lang, "text": " ".join(words)}
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
