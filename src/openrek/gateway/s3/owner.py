"""The owner of all buckets and objects."""

from openrek.config import ACCOUNT

OWNER = {"ID": ACCOUNT, "DisplayName": "openrek"}
