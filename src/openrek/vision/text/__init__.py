"""Text: detection, orientation, recognition, reading order."""
