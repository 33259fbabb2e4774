"""``python -m pgtune``."""

from pgtune.cli.main import main

main()
