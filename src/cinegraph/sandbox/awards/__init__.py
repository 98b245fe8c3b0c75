"""
Awards in the imitation: films and people of a nominations table, and tables of the invented world itself.

Imports the invented world and the providers of awards; imported by the sandbox's contents and server. To add a way in
which TMDB and a table disagree: a share in `imperfections`, and its effect on a film or a person in `awarded`.
"""
