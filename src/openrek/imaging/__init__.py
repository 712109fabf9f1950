"""Images as files: decoding, drawing, thumbnails. Pillow and numpy, nothing of AWS."""
