"""Indexing many images: where they come from, what they are called, and what became of each."""
