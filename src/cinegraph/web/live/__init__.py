"""
"Something changed", told to every open page: an event without data; the page asks for itself again, as who it is.

Imported by `web` alone. To have something new told, add it to the signature that `changes` reads.
"""
