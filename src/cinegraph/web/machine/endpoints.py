"""All endpoints, by subject."""

from dataclasses import replace

from cinegraph.web.machine import (
    awards,
    changes,
    films,
    listed,
    people,
    record,
    runs,
    status,
    working,
)
from cinegraph.web.machine.endpoint import Endpoint

SUBJECTS = {
    "Status": status,
    "Runs": runs,
    "Jobs and nodes": working,
    "Films": films,
    "People": people,
    "Festivals": awards,
    "Lists": listed,
    "Changes": changes,
    "Record": record,
}
"""By the name of the subject, in the order in which people read them."""

ENDPOINTS: tuple[Endpoint, ...] = tuple(
    replace(endpoint, tag=name)
    for name, subject in SUBJECTS.items()
    for endpoint in subject.ENDPOINTS
)
"""Every endpoint."""
