"""
Who worked with whom: the people of a film who count, the totals of every pair, chains of films between two people.

`counting` decides who counts and is pure; `storing` keeps details and totals together; `browse` finds collaborators and
people by name, `paths` chains of films. Imports catalog, db and records; imported by jobs and api. To add what counts:
a line in `counting`, and a rebuild of all films.
"""
