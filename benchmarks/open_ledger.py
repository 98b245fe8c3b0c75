"""The open import on a ledger of 1.24 million films: `open.py --ledger`, for `make bench`; takes its other options."""

import sys

import catalogue
from open import main

if __name__ == "__main__":
    main(["--ledger", str(catalogue.FILMS), *sys.argv[1:]])
