"""Faces: detection, alignment, attributes, embedding."""
