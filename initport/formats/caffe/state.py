"""Which layers a net state keeps.

Authority: BVLC/caffe, src/caffe/net.cpp, Net::FilterNet and Net::StateMeetsRule.
"""

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.caffe.tree import Message
from initport.records import NamedTuple


class State(NamedTuple):
    """Caffe's NetState. A layer's own field `phase` plays no part in the choice."""

    phase: str
    level: int
    stages: frozenset[str]

    def merge(self, given: Message | None) -> "State":
        """This state with the stages and, unless one is set already, the level that the file itself gives."""
        if given is None:
            return self
        return State(self.phase, self.level or given.integer("level"), self.stages | set(given.strings("stage")))

    def keeps(self, layer: Message) -> bool:
        """Raises InputError where the layer has include and exclude rules, which Caffe refuses."""
        include, exclude = layer.messages("include"), layer.messages("exclude")
        if include and exclude:
            detail = f"layer `{layer.string('name')}` has both include and exclude rules; Caffe admits one kind only"
            raise InputError(Diagnostic(Code.REJECTED_NET, max(include[0].location, exclude[0].location), detail))
        if include:
            return any(map(self.meets, include))
        return not any(map(self.meets, exclude))

    def meets(self, rule: Message) -> bool:
        if rule.has("phase") and rule.enum("phase") != self.phase:
            return False
        if rule.has("min_level") and self.level < rule.integer("min_level"):
            return False
        if rule.has("max_level") and self.level > rule.integer("max_level"):
            return False
        return self.stages >= set(rule.strings("stage")) and self.stages.isdisjoint(rule.strings("not_stage"))
