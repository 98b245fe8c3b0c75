"""What an operator may tune of the job engine; every default has its reason."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field


class EngineSettings(BaseModel):
    """Intervals and limits of a node; the same for all nodes of a deployment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    beat_interval: timedelta = timedelta(seconds=1)
    """Between heartbeats; each also renews the lead, reads queue settings and looks for zombies."""
    heartbeat_grace: timedelta = timedelta(seconds=5)
    """A node silent for longer is dead and its jobs go to others; five beats, so a busy node survives a stall."""
    lease: timedelta = timedelta(seconds=4)
    """How long a leader leads without renewing: with a dead leader, another leads within this and one beat."""
    lease_margin: timedelta = timedelta(seconds=1)
    """A leader distrusts its own lease that much earlier than others may take it."""
    listener_grace: timedelta = timedelta(seconds=4)
    """A listener that has not heard its own echo for that long is rebuilt."""
    prune_interval: timedelta = timedelta(seconds=60)
    """Between prunings by the leader."""
    keep_completed: timedelta = timedelta(days=7)
    """What the screens need for longer lives in our own tables."""
    keep_cancelled: timedelta = timedelta(days=30)
    """Somebody may ask why a month later."""
    keep_discarded: timedelta = timedelta(days=90)
    """Failures are what a person comes back to."""
    max_rows: int = Field(default=500_000, ge=1)
    """Rows of all states; beyond it the oldest ended jobs go first. 315 MB per million rows."""
    shutdown_grace: timedelta = timedelta(seconds=15)
    """How long running jobs may finish when the node stops; then they are given back."""
    statement_timeout: timedelta = timedelta(seconds=10)
    """For the engine's own statements, each of which takes milliseconds."""
    debounce: timedelta = timedelta(milliseconds=2)
    """Ends of jobs within it are acknowledged and replaced together."""
