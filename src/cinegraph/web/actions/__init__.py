"""
What a person may do, as data: each action once, the same for a form of a page and for the API.

`POST <path>` from a form leads back to a page with what came of it; `POST /api/v1<path>` answers with JSON. Both need
the action's role, and both are written to the audit log, refusals too. Imported by `web.app` and by pages. To add an
action, write a function and a row of `ACTIONS` in the module of its subject, and name a new module in `SUBJECTS` here.
"""

from cinegraph.web.actions import (
    enriching,
    judging_films,
    judging_nominees,
    mending_films,
    reading_lists,
    silencing,
    starting_runs,
    steering_jobs,
    steering_queues,
    steering_runs,
    steering_schedules,
)
from cinegraph.web.actions.action import Action

SUBJECTS = (
    steering_runs,
    starting_runs,
    steering_jobs,
    steering_queues,
    steering_schedules,
    mending_films,
    enriching,
    judging_films,
    judging_nominees,
    reading_lists,
    silencing,
)

ACTIONS: tuple[Action, ...] = tuple(
    action for subject in SUBJECTS for action in subject.ACTIONS
)
"""Every action, by subject."""

BY_KEY = {action.key: action for action in ACTIONS}
