"""
What is happening, read from tables: progress of runs, the status of the whole, the story of one film.

Every number comes with the time it was read at, so a screen can show its age. Reads the tables of every lower package,
`oban_*` and `queue_settings`; writes nothing but its alerts. Imported by `jobs` and everyone above. To add a number,
extend a query here, never in a command or page.
"""
