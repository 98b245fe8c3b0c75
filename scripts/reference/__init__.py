"""
The generated pages, one module each with `page() -> str`.

A page reads the code (classes, registries, DDL), never a list kept for it. Imported by `scripts/docs.py` alone. To add
one: a module here and a line in `docs.PAGES`.
"""
