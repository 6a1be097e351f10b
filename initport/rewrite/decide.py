"""What becomes of a site in the target that was chosen, on no more assumptions than it takes."""

from dataclasses import replace

from initport.diagnostics import Code
from initport.emit.decision import Decision, Keep, Refuse, RefusedError, Replace, refuse
from initport.emit.settings import Settings
from initport.emit.targets import target
from initport.grammar.meaning import MeaningError
from initport.python.sites import Site
from initport.rewrite.premise import doubt


def decide(site: Site, settings: Settings) -> Decision:
    """Of what the settings assume, the decision takes only what would else be a reason to refuse."""
    assumed: frozenset[str] = frozenset()
    while True:
        decision = _decide(site, replace(settings, assume=assumed, offered=settings.assume))
        if not isinstance(decision, Refuse) or decision.assume not in settings.assume - assumed:
            if not isinstance(decision, Replace):
                return decision
            return doubt(site, settings) or replace(decision, assumed=assumed)
        assumed |= {decision.assume}


def _decide(site: Site, settings: Settings) -> Decision:
    decision = _propose(site, settings)
    return decision if not site.obstacle or isinstance(decision, Keep) else Refuse(site.obstacle, Code.UNDECIDED)


def _propose(site: Site, settings: Settings) -> Decision:
    try:
        return target(settings.target).sites.decide(site, settings)
    except (RefusedError, MeaningError) as error:
        return refuse(error)
