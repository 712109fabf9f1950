"""Corrections of who is who in a collection: grouping faces, merging users, and why faces matched."""
