"""A folder indexed as the guides of LangChain and Chroma do it; `retrieval.py` runs it with another environment's Python.

    python chroma_peer.py FOLDER STORE {words|meaning} MINILM

Loads every file as text, splits it (1,000 characters, none shared, about what ours makes), and adds the pieces to a
Chroma collection in STORE, in batches of 500: with MiniLM's vectors through sentence-transformers, or for `words`, where
Chroma has no index of words, to LangChain's BM25Retriever and a Chroma collection whose vectors are constant. Prints
seconds and pieces as JSON.
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
    embeddings = _constant() if kind == "words" else _minilm(minilm)
    embeddings.embed_query("so that loading the model is not counted")
    began = time.perf_counter()
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
    cut = time.perf_counter()
    chroma = chroma_store.Chroma("bench", embeddings, persist_directory=store)
    for start in range(0, len(pieces), 500):
        chroma.add_documents(pieces[start : start + 500])
    stored = time.perf_counter()
    if kind == "words":
        _module("langchain_community.retrievers").BM25Retriever.from_documents(pieces)
    ended = time.perf_counter()
    print(
        json.dumps(
            {
                "pieces": len(pieces),
                "seconds": ended - began,
                "cutting": cut - began,
                "chroma": stored - cut,
                "bm25": ended - stored,
                "cpu": time.process_time(),
            }
        )
    )


def _module(name: str) -> Any:
    """One that the project's own environment does not have."""
    return importlib.import_module(name)


def _constant() -> Any:
    class Constant:
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [[1.0] + [0.0] * 383] * len(texts)

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    return Constant()


def _minilm(folder: str) -> Any:
    return _module("langchain_huggingface").HuggingFaceEmbeddings(
        model_name=folder, encode_kwargs={"batch_size": 32, "normalize_embeddings": True}
    )


if __name__ == "__main__":
    main()
