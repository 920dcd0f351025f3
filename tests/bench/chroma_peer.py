"""A folder indexed as the guides of LangChain and Chroma do it; `retrieval.py` runs it with another environment's Python.

    python chroma_peer.py FOLDER STORE {words|meaning} MINILM

Loads every file as text, splits it (1,000 characters, none shared, about what ours makes), and adds the pieces to a
Chroma collection in STORE, in batches of 500: with MiniLM's vectors through sentence-transformers, or for `words` with
drawn ones. Chroma ranks by vectors alone, so for `words` the pieces go to LangChain's BM25Retriever as well, which keeps
them in memory. Prints pieces, seconds and CPU seconds as JSON.
"""

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

FAMILIES = {".py": "python", ".md": "markdown", ".html": "html"}


def main() -> None:
    folder, store, kind, minilm = sys.argv[1:]
    chroma_store, documents, splitters = map(
        _module, ("langchain_chroma", "langchain_core.documents", "langchain_text_splitters")
    )
    embeddings = _drawn() if kind == "words" else _minilm(minilm)
    embeddings.embed_query("so that loading the model is not counted")
    began, began_cpu = time.perf_counter(), time.process_time()
    pieces: list[Any] = []
    for path in sorted(Path(folder).rglob("*")):
        if not path.is_file():
            continue
        family = FAMILIES.get(path.suffix)
        sizes = {"chunk_size": 1000, "chunk_overlap": 0}
        splitter = (
            splitters.RecursiveCharacterTextSplitter.from_language(splitters.Language(family), **sizes)
            if family
            else splitters.RecursiveCharacterTextSplitter(**sizes)
        )
        text = path.read_text(encoding="utf-8", errors="replace")
        pieces += splitter.split_documents([documents.Document(page_content=text, metadata={"source": str(path)})])
    cut_cpu = time.process_time()
    chroma = chroma_store.Chroma("bench", embeddings, persist_directory=store)
    for start in range(0, len(pieces), 500):
        chroma.add_documents(pieces[start : start + 500])
    stored_cpu = time.process_time()
    if kind == "words":
        _module("langchain_community.retrievers").BM25Retriever.from_documents(pieces)
    ended, ended_cpu = time.perf_counter(), time.process_time()
    print(
        json.dumps(
            {
                "pieces": len(pieces),
                "seconds": ended - began,
                "cpu": ended_cpu - began_cpu,
                "cutting": cut_cpu - began_cpu,
                "chroma": stored_cpu - cut_cpu,
                "bm25": ended_cpu - stored_cpu,
            }
        )
    )


def _module(name: str) -> Any:
    """One that the project's own environment does not have."""
    return importlib.import_module(name)


def _drawn() -> Any:
    """Vectors that cost nothing, so that what is measured is all the rest."""
    numpy = _module("numpy")
    source = numpy.random.default_rng(7)

    class Drawn:
        def embed_documents(self, texts: list[str]) -> Any:
            rows = source.standard_normal((len(texts), 384))
            return (rows / numpy.linalg.norm(rows, axis=1, keepdims=True)).tolist()

        def embed_query(self, text: str) -> Any:
            return self.embed_documents([text])[0]

    return Drawn()


def _minilm(folder: str) -> Any:
    return _module("langchain_huggingface").HuggingFaceEmbeddings(
        model_name=folder, encode_kwargs={"batch_size": 32, "normalize_embeddings": True}
    )


if __name__ == "__main__":
    main()
