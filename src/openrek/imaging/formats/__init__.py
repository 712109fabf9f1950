"""One module per image format: what its header says, and what a reader must see of the file."""
