"""What every reader of network descriptions finds out of a weight's initializer."""

from initport.diagnostics import Diagnostic
from initport.ir.initializers import Initializer
from initport.ir.location import Location
from initport.records import NamedTuple


class SourceInitializer(NamedTuple):
    """What a setting does to a weight, in the source's words (``source``) and as a distribution."""

    initializer: Initializer
    source: str
    location: Location
    finding: Diagnostic | None = None
