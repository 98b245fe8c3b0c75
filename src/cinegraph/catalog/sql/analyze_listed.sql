-- Let the planner know the films that a list has just added. Parameters: none. Returns: nothing. Locks: none that matter.
ANALYZE listed_movies
