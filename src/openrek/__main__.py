"""`python -m openrek`"""

from openrek.cli import main

main(prog_name="openrek")
