"""PyTorch: at the place of an initializer a function that fills a tensor, such as ``nn.init.xavier_uniform_``.

Authority: PyTorch 2.13, torch/nn/init.py. Its functions draw afresh at every call, as initializers of
TensorFlow 1 do.
"""

from initport.emit.axis_pairs import differs, pairs
from initport.emit.decision import Keep, RefusedError, Replace, Weights
from initport.emit.forms import proved_call
from initport.emit.idioms import Spelling, spell
from initport.emit.proof import check_arguments, check_repeats, check_whole, is_sizeless, prove
from initport.emit.settings import Settings
from initport.emit.targets.torch.form import form
from initport.grammar.load import vocabulary
from initport.grammar.meaning import MeaningError, Vocabulary
from initport.grammar.versions import Versions
from initport.ir.initializers import Initializer, elementwise
from initport.ir.weights import Layout
from initport.python.axes import rank
from initport.python.sites import Site
from initport.python.vocabulary import Names, names


def decide(site: Site, settings: Settings) -> Replace | Keep:
    """Raises RefusedError, MeaningError."""
    target = vocabulary("torch")
    if site.named.vocabulary.framework in ("torch", "numpy"):
        return Keep()
    if site.on_call and rank(site.shape, site.scope) is None:
        raise RefusedError(
            "it is drawn each time that an initializer is called on a shape, and PyTorch's initializers fill a tensor, "
            "whose axes are others; write a function of PyTorch in its place"
        )
    held = pairs(site, target, settings.assume, settings.offered)
    spelling = prove(
        site,
        target,
        held,
        lambda initializer, layout: _spell(site, target, initializer, layout),
        lambda _: differs(site, target, settings.offered),
    )
    simple = spelling.function.removeprefix("nn.init.")
    check_arguments(site, proved_call(site, spelling.text), settings.assume, constant=simple == "constant_")
    check_whole(site, held, settings.assume)
    check_repeats(site, held, "PyTorch")
    return form(site, spelling, target, held, settings.python2)


def weights(site: Site, assumed: frozenset[str]) -> Weights:
    """The weights that a site may start, where this is assumed of them."""
    return pairs(site, vocabulary("torch"), assumed)


def names_written() -> Names:
    return names(Versions(), roots=frozenset({"tensorflow", "torch"}))


def _spell(site: Site, target: Vocabulary, initializer: Initializer, layout: Layout | None) -> Spelling:
    seeded = site.arguments.aside.get("seed") is not None
    spelling = spell(target, initializer, layout, constants=seeded)
    if spelling is None:
        if layout is None and not elementwise(initializer):
            raise MeaningError("the layer of PyTorch has no such weight; initialize its weights yourself")
        lies = "" if is_sizeless(initializer) else " for a weight with these axes"
        raise MeaningError(f"PyTorch has no such initializer{lies}; initialize this weight yourself")
    return spelling
