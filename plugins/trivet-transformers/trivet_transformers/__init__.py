"""Local models and embeddings by transformers and torch."""
