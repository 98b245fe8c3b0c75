"""
Festivals and awards: what sources say of an edition becomes one set of nominations, with films and people found.

Imported by jobs and above; imports catalog, sources, db and records. `likeness` compares names and statements,
`merging` brings the statements of several sources together. What decides is pure; what sources say comes as
`records.awards`. To add a festival: a row of data, no code.
"""
