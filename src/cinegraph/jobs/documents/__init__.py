"""
Documents and rows: rows made again from stored bodies, proof that they agree, and bodies that come from files.

Knows the sources and the catalogue, asks no upstream and makes no jobs. Imported by `api`. To add a source whose bodies
are kept, add a `Reader` in `reading.py` and its shape in `shapes.py`.
"""
