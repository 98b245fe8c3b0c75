"""
Imitation upstreams on real sockets: invented or recorded, limited and faulty.

Imports providers' `sandbox` modules and records; imported by commands, tests and
benchmarks, never by the product's own path to a source. To add an upstream: its JSON in
the provider's `sandbox.py`, its routes in a module here.
"""

from cinegraph.sandbox.awards.awarded import AwardedWorld
from cinegraph.sandbox.awards.imperfections import Imperfections
from cinegraph.sandbox.child import ChildSandbox, start_child
from cinegraph.sandbox.chronicle import Pace
from cinegraph.sandbox.content import Body, Content
from cinegraph.sandbox.evolving import EvolvingWorld
from cinegraph.sandbox.evolving_content import EvolvingContent
from cinegraph.sandbox.invented import InventedContent
from cinegraph.sandbox.recorded import RecordedContent
from cinegraph.sandbox.server import SandboxServer
from cinegraph.sandbox.settings import SandboxSettings
from cinegraph.sandbox.world import World

__all__ = [
    "AwardedWorld",
    "Body",
    "ChildSandbox",
    "Content",
    "EvolvingContent",
    "EvolvingWorld",
    "Imperfections",
    "InventedContent",
    "Pace",
    "RecordedContent",
    "SandboxServer",
    "SandboxSettings",
    "World",
    "start_child",
]
