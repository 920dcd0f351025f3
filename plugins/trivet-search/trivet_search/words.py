"""The words of passages, in a tantivy index: BM25 over stems; Chinese, Japanese and Korean as pairs of characters."""

import re
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import tantivy

from trivet_search.document import Passage

HEAP = 48_000_000
"""Bytes that tantivy gathers before it writes a segment."""
MOST_WORDS = 64
"""Words of a query that are looked up."""
FIELDS = {"body": 1.0, "heading": 0.6, "name": 0.4}
_CJK = re.compile(r"[぀-ヿ㐀-䶿一-鿿豈-﫿가-힯\U00020000-\U0003ffff]+")
_WORD = re.compile(r"\w+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_CAMEL = re.compile(r"\b[a-z]+[A-Z]\w*|\b[A-Z][a-z0-9]+[A-Z]\w*")
_ASKING = frozenset(
    "a an and are as at be by can do does did for from has have how i in is it its me my of on or so that the their there "
    "these this to was we were what when where which who whom whose why will with would you your about".split()
)


def is_mostly_foreign(text: str) -> bool:
    """Whether most letters are of another script than Latin, which an English encoder cannot read."""
    letters = [c for c in text[:2000] if c.isalpha()]
    return sum(c >= "Ͱ" for c in letters) > len(letters) / 2


def indexed(text: str) -> str:
    """The text as the tokenizer wants it: runs of CJK as pairs of characters and each by itself, camelCase taken apart."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = _CJK.sub(lambda run: f" {' '.join([*_pairs(run[0]), *run[0]])} ", text)
    humps = [_HUMP.sub(" ", word) for word in _CAMEL.findall(text)]
    return " ".join([text, *humps]) if humps else text


def in_pairs(text: str) -> str:
    """Runs of CJK as pairs of characters, so that there are words between spaces."""
    if text.isascii():
        return text
    return _CJK.sub(lambda run: f" {' '.join(_pairs(run[0]))} ", unicodedata.normalize("NFKC", text))


def asked(query: str) -> list[str]:
    """Words to look up: without those that every question has, unless there are no others."""
    words = list(dict.fromkeys(word.lower() for word in _WORD.findall(in_pairs(query).replace("_", " "))))
    return ([word for word in words if word not in _ASKING] or words)[:MOST_WORDS]


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


class Words:
    """`id` is the passage's, `file` the file's. A folder that tantivy cannot open is made anew, and `is_new` says so."""

    def __init__(self, folder: Path, language: str) -> None:
        self.is_new = not tantivy.Index.exists(str(folder)) if folder.is_dir() else True
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._index = tantivy.Index(_schema(), str(folder))
        except ValueError:  # of another version, or damaged
            shutil.rmtree(folder)
            folder.mkdir()
            self._index, self.is_new = tantivy.Index(_schema(), str(folder)), True
        stems = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(tantivy.Filter.remove_long(60))
        stems = stems.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.stemmer(language))
        self._index.register_tokenizer("stems", stems.filter(tantivy.Filter.ascii_fold()).build())
        self._schema = self._index.schema

    @contextmanager
    def writing(self) -> Iterator["Pen"]:
        """One at a time, over all processes."""
        writer = self._index.writer(HEAP, 1)
        try:
            yield Pen(writer, self._schema)
        finally:
            writer.rollback()
            writer.wait_merging_threads()
            self._index.reload()

    def best(self, query: str, limit: int, files: Sequence[int] | None) -> dict[int, float]:
        """Passages that match best and their scores (BM25), best first; only of these files."""
        self._index.reload()
        words = asked(query)
        if not words:
            return {}
        found, _ = self._index.parse_query_lenient(" ".join(words), list(FIELDS), FIELDS)
        phrases = [f'"{" ".join(asked(phrase))}"' for phrase in re.findall(r"[\"“]([^\"”]{2,200})[\"”]", query)]
        for phrase in phrases:
            exact, _ = self._index.parse_query_lenient(phrase, ["body"])
            found = tantivy.Query.boolean_query(
                [(tantivy.Occur.Should, found), (tantivy.Occur.Should, tantivy.Query.boost_query(exact, 2.0))]
            )
        if files is not None:
            those = tantivy.Query.const_score_query(tantivy.Query.term_set_query(self._schema, "file", files), 0.0)
            found = tantivy.Query.boolean_query([(tantivy.Occur.Must, found), (tantivy.Occur.Must, those)])
        searcher = self._index.searcher()
        hits = searcher.search(found, limit, count=False).hits
        ids = searcher.fast_field_values("id", [address for _, address in hits]) if hits else []
        return {int(id): score for id, (score, _) in zip(ids, hits, strict=True) if id is not None}


class Pen:
    def __init__(self, writer: tantivy.IndexWriter, schema: tantivy.Schema) -> None:
        self._writer = writer
        self._schema = schema

    def remove(self, file: int) -> None:
        # By a query: by a term, tantivy 0.27 takes the number for a signed one and removes nothing.
        self._writer.delete_documents_by_query(tantivy.Query.term_query(self._schema, "file", file))

    def add(self, file: int, name: str, passages: Sequence[tuple[int, Passage]]) -> None:
        named = indexed(name.replace("/", " ").replace("_", " ").replace(".", " "))
        for id, passage in passages:
            document = tantivy.Document()
            document.add_unsigned("id", id)
            document.add_unsigned("file", file)
            document.add_text("body", indexed(passage.text))
            document.add_text("heading", indexed(passage.heading))
            document.add_text("name", named)
            self._writer.add_document(document)

    def commit(self) -> None:
        self._writer.commit()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", fast=True)
    builder.add_unsigned_field("file", indexed=True)
    for name in FIELDS:
        builder.add_text_field(name, tokenizer_name="stems")
    return builder.build()
