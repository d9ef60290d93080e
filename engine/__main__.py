"""`python -m engine` is the `casewright` command."""

from engine.cli import main

main()
