"""One module per image format: reads its header, and checks the structure of the file."""
