"""How well passages are found, and how fast: beside rank_bm25 and plain MiniLM over the same documents, in the same run.

    TRIVET_TEST_WEIGHTS=DIR TRIVET_TEST_STATUS=/var/lib/dpkg/status TRIVET_TEST_DATA=DIR python -m tests.bench.retrieval

Two labelled sets. `debian`: from a file in dpkg's format, each package's one-line summary is a query, and its long description,
written by the same maintainer, the one document that answers. `banking77`: 500 questions to a bank; documents are the 10,003 of
the training part, and those of the same intent answer. A set whose file is not there is passed over. `speed` needs neither.
`TRIVET_BENCH_LANGCHAIN` names the python of an environment with langchain-chroma, langchain-community, langchain-huggingface
and rank-bm25: the same files are then indexed there as well.
"""

import asyncio
import csv
import importlib
import math
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy

from trivet_search.fusion import fused
from trivet_search.index import Index, Ranked
from trivet_search.place import Place
from trivet_transformers.embedder import LocalEmbedder

K = 10
QUERIES = 500
BYTES = 52_000_000
"""Of the files of `speed`, which become about 100,000 passages."""
Rank = Callable[[str], Sequence[str]]


class Labelled(msgspec.Struct, frozen=True):
    name: str
    documents: Mapping[str, str]
    queries: Mapping[str, frozenset[str]]
    """Text -> names of the documents that answer it."""


def ndcg(found: Sequence[str], right: frozenset[str]) -> float:
    """Järvelin and Kekäläinen, Cumulated gain-based evaluation (TOIS 2002), with gains of 0 and 1, at K."""
    gain = sum(1 / math.log2(rank + 1) for rank, name in enumerate(found[:K], 1) if name in right)
    return gain / sum(1 / math.log2(rank + 1) for rank in range(1, min(K, len(right)) + 1))


def debian(status: Path) -> Labelled:
    documents: dict[str, str] = {}
    queries: dict[str, frozenset[str]] = {}
    for entry in status.read_text().split("\n\n"):
        name, summary = (
            re.search(r"^Package: (.+)$", entry, re.M),
            re.search(r"^Description: (.+)\n((?: .*\n?)+)", entry, re.M),
        )
        if name and summary and len(summary[2]) > 80:
            documents[name[1]] = re.sub(r"^ \.?", "", summary[2], flags=re.M)
            queries[summary[1]] = queries.get(summary[1], frozenset()) | {name[1]}
    return Labelled("debian", documents, _some(queries))


def banking(folder: Path) -> Labelled:
    rows = {part: list(csv.DictReader((folder / f"{part}.csv").open(newline=""))) for part in ("train", "test")}
    documents = {f"{number:05}": row["text"] for number, row in enumerate(rows["train"])}
    of_intent: dict[str, set[str]] = {}
    for number, row in enumerate(rows["train"]):
        of_intent.setdefault(row["category"], set()).add(f"{number:05}")
    queries = {row["text"]: frozenset(of_intent[row["category"]]) for row in rows["test"]}
    return Labelled("banking77", documents, _some(queries))


def _some(queries: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
    chosen = random.Random(7).sample(sorted(queries), min(QUERIES, len(queries)))
    return {query: queries[query] for query in chosen}


def rank_bm25(documents: Mapping[str, str]) -> Rank:
    bm25: Any = importlib.import_module("rank_bm25")  # it ships no types

    def words(text: str) -> list[str]:
        return re.findall(r"\w+", text.lower())

    names, index = list(documents), bm25.BM25Okapi([words(text) for text in documents.values()])
    return lambda query: [names[place] for place in numpy.argsort(-index.get_scores(words(query)), kind="stable")[:K]]


class Encoder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.embedder = LocalEmbedder("minilm", lambda: folder, "cpu")
        # One event loop for all, as in a host: to begin one costs as much as half a query.
        self._loop = asyncio.new_event_loop()

    def embed(self, texts: Sequence[str]) -> Any:
        return numpy.asarray(self._loop.run_until_complete(self.embedder.embed(list(texts))))


def minilm(documents: Mapping[str, str], encoder: Encoder) -> Rank:
    names, rows = list(documents), encoder.embed(list(documents.values()))
    return lambda query: [
        names[place] for place in numpy.argsort(-(rows @ encoder.embed([query])[0]), kind="stable")[:K]
    ]


def ours(index: Index, encoder: Encoder, documents: Sequence[str], by: str) -> Rank:
    def rank(query: str) -> Sequence[str]:
        words = index.by_words(query) if by != "meaning" else Ranked({}, {})
        nearest = Ranked({}, {})
        if by != "words":
            nearest = index.by_meaning("minilm", encoder.embed([query])[0], also=list(words.best))
        found = index.candidates(query if by != "meaning" else "", words, nearest)
        best = fused(found.words, found.meaning, found.spelling)[: 5 * K]
        names = [documents[int(match.path.removesuffix(".txt"))] for match in index.matches(dict(best), {})]
        return list(dict.fromkeys(names))[:K]

    return rank


def indexed(folder: Path, own: Path) -> tuple[Index, float]:
    """The index of a folder by words, and seconds."""
    index = Index(Place(key=str(folder), root=folder), own, language="english", meaning="auto", largest=20_000_000)
    began = time.perf_counter()
    for _ in index.refresh(lambda: False):
        pass
    return index, time.perf_counter() - began


def embed(index: Index, vectors: Callable[[list[str]], Any]) -> float:
    began = time.perf_counter()
    while texts := index.unembedded("minilm", 512):
        index.keep("minilm", texts, vectors([text for _, text in texts]))
    return time.perf_counter() - began


def quality(labelled: Labelled, encoder: Encoder, folder: Path) -> None:
    (folder / "files").mkdir(parents=True)
    # Numbers for names: the name of a Debian package would tell ours what the other two do not see.
    numbers = {name: f"{number:05}" for number, name in enumerate(labelled.documents)}
    for name, text in labelled.documents.items():
        (folder / "files" / f"{numbers[name]}.txt").write_text(text)
    index, seconds = indexed(folder / "files", folder / "own")
    embedding = embed(index, encoder.embed)
    count = index.contents().passages
    print(f"\n{labelled.name}: {len(labelled.documents)} documents, {count} passages, {len(labelled.queries)} queries")
    print(f"  by words indexed in {seconds:.2f} s ({count / seconds:.0f} passages/s)")
    print(f"  by meaning in {embedding:.1f} s ({count / embedding:.0f} passages/s)")
    ranks: dict[str, Rank] = {
        "rank_bm25": rank_bm25(labelled.documents),
        "MiniLM alone": minilm(labelled.documents, encoder),
        "ours, words": ours(index, encoder, list(labelled.documents), "words"),
        "ours, meaning": ours(index, encoder, list(labelled.documents), "meaning"),
        "ours, hybrid": ours(index, encoder, list(labelled.documents), "hybrid"),
    }
    reference = 0.0
    for name, rank in ranks.items():
        score = statistics.fmean(ndcg(rank(query), right) for query, right in labelled.queries.items())
        reference = reference or score
        print(f"  {name:14} nDCG@10 {score:.4f}  {score / reference:.3f} of rank_bm25")
    index.close()


def speed(encoder: Encoder, folder: Path) -> None:
    """The text files of this environment, as many as make 100,000 passages; vectors are drawn, which cost a search the same."""
    files = folder / "files"
    files.mkdir(parents=True)
    size = 0
    for number, path in enumerate(_texts()):
        content = path.read_bytes()
        (files / f"{number:06}{path.suffix}").write_bytes(content)
        size += len(content)
        if size > BYTES:
            break
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    index, seconds = indexed(files, folder / "own")
    count = index.contents().passages
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"\nspeed: {size / 1e6:.0f} MB in {number + 1} files became {count} passages in {seconds:.1f} s")
    print(f"  {size / seconds / 1e6:.1f} MB/s, {count / seconds:.0f} passages/s")
    print(f"  peak memory {peak / 1024:.0f} MB, {(peak - before) / 1024:.0f} MB more than before")
    began = time.perf_counter()
    for _ in index.refresh(lambda: False):
        pass
    print(f"  a second look, nothing changed: {time.perf_counter() - began:.2f} s")
    source = numpy.random.default_rng(7)

    def drawn(texts: list[str]) -> Any:
        rows = source.standard_normal((len(texts), 384), dtype=numpy.float32)
        return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)

    embed(index, drawn)
    queries = [
        " ".join(match.found.passage.text.split()[:8])
        for match in index.matches(dict.fromkeys(range(1, count, count // 200), 0.0), {})
    ]
    index.by_meaning("minilm", drawn(["x"])[0])  # the file is mapped
    encoder.embed(["x"])
    times: dict[str, list[float]] = {"words": [], "embedding the query": [], "meaning": [], "fusion": [], "whole": []}
    for query in queries:
        marks = [time.perf_counter()]
        words = index.by_words(query)
        marks.append(time.perf_counter())
        vector = encoder.embed([query])[0]
        marks.append(time.perf_counter())
        nearest = index.by_meaning("minilm", vector, also=list(words.best))
        marks.append(time.perf_counter())
        found = index.candidates(query, words, nearest)
        index.matches(dict(fused(found.words, found.meaning, found.spelling)[:10]), found.by)
        marks.append(time.perf_counter())
        for name, spent in zip(("words", "embedding the query", "meaning", "fusion"), numpy.diff(marks), strict=True):
            times[name].append(float(spent) * 1e3)
        times["whole"].append((marks[-1] - marks[0]) * 1e3)
    for name, taken in times.items():
        print(
            f"  query, {name}: p50 {statistics.median(taken):.1f} ms, p95 {statistics.quantiles(taken, n=20)[18]:.1f} ms"
        )
    index.close()


def beside_langchain(encoder: Encoder, folder: Path, python: str) -> None:
    """The same files by ours and by LangChain with Chroma, in an environment of its own."""
    for kind, most in (("words", 8_000_000), ("meaning", 2_000_000)):
        files = folder / kind / "files"
        files.mkdir(parents=True)
        size = 0
        for number, path in enumerate(_texts()):
            (files / f"{number:06}{path.suffix}").write_bytes(content := path.read_bytes())
            size += len(content)
            if size > most:
                break
        began = time.process_time()
        index, seconds = indexed(files, folder / kind / "own")
        seconds += embed(index, encoder.embed) if kind == "meaning" else 0.0
        spent, count = time.process_time() - began, index.contents().passages
        index.close()
        command = [python, str(Path(__file__).with_name("chroma_peer.py")), str(files), str(folder / kind / "chroma")]
        done = subprocess.run(
            [*command, kind, str(encoder.folder)],
            check=True,
            stdout=subprocess.PIPE,
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
        )
        peer = msgspec.json.decode(done.stdout.splitlines()[-1])
        print(f"\nindexing by {kind}: {size / 1e6:.1f} MB in {number + 1} files")
        print(f"  ours: {count} passages in {seconds:.1f} s, {spent:.1f} CPU-s")
        print(
            f"  LangChain and Chroma: {peer['pieces']} pieces in {peer['seconds']:.1f} s, {peer['cpu']:.1f} CPU-s",
            end=" ",
        )
        print(f"(cutting {peer['cutting']:.1f}, Chroma {peer['chroma']:.1f}, BM25 in memory {peer['bm25']:.1f})")
        print(f"  {peer['seconds'] / seconds:.1f} times as long, {peer['cpu'] / spent:.1f} times the CPU time")


def _texts() -> Iterator[Path]:
    for folder in map(Path, (os.path.dirname(os.__file__), *sys.path[-1:], "/usr/share/doc")):
        yield from (
            path
            for suffix in ("*.py", "*.md", "*.txt", "*.html")
            for path in sorted(folder.rglob(suffix))
            if path.is_file() and path.stat().st_size < 2_000_000
        )


def main() -> None:
    weights = Path(os.environ.get("TRIVET_TEST_WEIGHTS", "")) / "minilm"
    if not weights.is_dir():
        sys.exit("TRIVET_TEST_WEIGHTS names no folder with minilm, which `trivet models pull minilm` brings")
    encoder = Encoder(weights)
    status, data = os.environ.get("TRIVET_TEST_STATUS", ""), os.environ.get("TRIVET_TEST_DATA", "")
    with tempfile.TemporaryDirectory(prefix="trivet-retrieval-") as folder:
        if status:
            quality(debian(Path(status)), encoder, Path(folder) / "debian")
        else:
            print("debian is passed over: TRIVET_TEST_STATUS names no file in dpkg's format")
        if data:
            quality(banking(Path(data) / "banking77"), encoder, Path(folder) / "banking77")
        else:
            print("banking77 is passed over: TRIVET_TEST_DATA names no folder")
        if python := os.environ.get("TRIVET_BENCH_LANGCHAIN", ""):
            beside_langchain(encoder, Path(folder) / "langchain", python)
        else:
            print("LangChain is passed over: TRIVET_BENCH_LANGCHAIN names no interpreter with langchain-chroma")
        speed(encoder, Path(folder) / "speed")


if __name__ == "__main__":
    main()
