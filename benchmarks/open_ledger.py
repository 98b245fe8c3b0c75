"""The open import on top of a ledger of 1.24 million films: `open.py --ledger`, with the same other options."""

import sys

import catalogue
from open import main

if __name__ == "__main__":
    main(["--ledger", str(catalogue.FILMS), *sys.argv[1:]])
