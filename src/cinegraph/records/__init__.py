"""
What a source says, as frozen, typed, source-neutral values; no I/O.

Imports nothing of ours; imported by everyone above. To add one: a module named for the subject, msgspec structs
with a unit in every field name that needs one, `None` where the source does not know.
"""
