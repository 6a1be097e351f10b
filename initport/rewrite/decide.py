"""What becomes of a site in the target that was chosen, on no more assumptions than it takes."""

from collections.abc import Sequence
from dataclasses import replace

from initport.diagnostics import Code
from initport.emit.decision import Decision, Keep, Refuse, RefusedError, Replace, refuse
from initport.emit.settings import Settings
from initport.emit.targets import target
from initport.grammar.meaning import MeaningError
from initport.python.sites import Form, Site
from initport.rewrite.premise import doubt


def decide(site: Site, settings: Settings) -> Decision:
    """Of what the settings assume, the decision takes only what would else be a reason to refuse."""
    assumed: frozenset[str] = frozenset()
    as_given = not settings.assume and not settings.offered
    while True:
        given = settings if as_given else replace(settings, assume=assumed, offered=settings.assume)
        decision = _decide(site, given)
        if not isinstance(decision, Refuse) or decision.assume not in settings.assume - assumed:
            if not isinstance(decision, Replace):
                return decision
            return doubt(site, settings) or (decision if as_given else replace(decision, assumed=assumed))
        assumed |= {decision.assume}


def _decide(site: Site, settings: Settings) -> Decision:
    decision = _propose(site, settings)
    return decision if not site.obstacle or isinstance(decision, Keep) else Refuse(site.obstacle, Code.UNDECIDED)


def _propose(site: Site, settings: Settings) -> Decision:
    there = target(settings.target)
    decision: Decision
    try:
        decision = there.sites.decide(site, settings)
    except (RefusedError, MeaningError) as error:
        decision = refuse(error)
    try:
        if isinstance(decision, Replace) or (isinstance(decision, Refuse) and not site.is_drawn):
            _check_called(site, there.vocabulary.grammar.called)
    except RefusedError as error:
        return refuse(error)
    return decision


def decide_in_file(site: Site, settings: Settings) -> Decision:
    """The same where a file is rewritten: one that is written for a framework that people use today stays, unless the
    user states its version, for that framework does not take an initializer of another."""
    decision, grammar = decide(site, settings), site.named.vocabulary.grammar
    if not isinstance(decision, Replace) or not grammar.head.current or settings.versions.exact(grammar.head.package):
        return decision
    return Refuse(
        f"code for {grammar.title} calls it, and takes no initializer of another framework; if this file is being "
        f"ported, pass `--source-version {grammar.head.package}=VERSION`",
        Code.REFUSED_SITE,
    )


def _check_called(site: Site, called: Sequence[str]) -> None:
    """Raises RefusedError where an initializer is called at once, and the target's is called with something else."""
    here = site.named.vocabulary.grammar.called
    if site.form is Form.DRAW and tuple(here[:1]) != tuple(called[:1]):
        raise RefusedError(
            f"it is called with {' and '.join(f'`{name}`' for name in here)}, and an initializer of the target with "
            f"{' and '.join(f'`{name}`' for name in called)}; write the call of that yourself"
        )
