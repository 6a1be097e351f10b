"""The version that a module was written for, as the premise of all that is decided: what the module's own names show of
it, else those of the project's other files, and whether what stays open makes a difference to an initializer."""

import ast
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache

from initport.diagnostics import Code
from initport.emit.decision import Refuse
from initport.emit.settings import Settings
from initport.grammar import registry
from initport.grammar.version import Version, version_text, within
from initport.grammar.versions import Evidence, Versions, distinct
from initport.ir.initializers import Constant, Identity, canonical, equal
from initport.python.evidence import evidence
from initport.python.module_sites import read_again, read_tree
from initport.python.sites import Form, Reach, Site, Sites
from initport.python.sites.string import is_one_law, packages
from initport.python.text import Text
from initport.python.vocabulary import Named, Speech, names, variants


def settings_for(text: Text, settings: Settings) -> Settings:
    """The settings with the versions that a text's own names show."""
    return _narrow(settings, evidence(text.content))


def read(tree: ast.Module, text: Text, settings: Settings) -> tuple[Sites, Settings]:
    """The sites of a module, and the settings with the versions that it was read in."""
    own = settings_for(text, settings)
    sites = read_tree(tree, text, own.names)
    silent = {package_of(site) for site in sites.found if package_of(site) not in own.versions.known}
    doubtful = {item for item in silent if not own.versions.exact(item)}
    if any(package_of(site) in doubtful and _find_difference(site, own) for site in sites.found):
        more = {package: found for package, found in settings.versions.around().items() if package in doubtful}
        again = _narrow(own, more)
        if again is not own:
            sites.close()
            return read_tree(tree, text, again.names), again
    return sites, own


def doubt(site: Site, settings: Settings) -> Refuse | None:
    """Why what is decided of a site need not be right, where that depends on a version that is not known."""
    versions, package = settings.versions, package_of(site)
    if package not in registry.releases():
        return None
    title, short = registry.title(package), registry.releases()[package].short or package
    layer = site.place.layer
    frameworks = (site.named.vocabulary.framework, *(() if layer is None else (layer.framework,)))
    unmeasured = versions.doubt_of(frameworks)
    if unmeasured is not None:
        return Refuse(unmeasured, Code.NEEDS_VERSION)
    if versions.exact(package):
        return None
    differing = _find_difference(site, settings)
    if not differing:
        return None
    ours, others = (version_text(item) for item in differing)
    return Refuse(
        f"it draws differently in {title} {ours} than in {others}, and the version that this was written for is "
        f"not known ({versions.describe(package)}); pass `--source-version {short}=VERSION`, or require a "
        "version in the project",
        Code.NEEDS_VERSION,
    )


def package_of(site: Site) -> str:
    """The package whose version decides what a site means."""
    head = registry.heads().get(site.named.vocabulary.framework)
    return "" if head is None else head.package


def premise(site: Site, settings: Settings) -> str:
    """What the version was taken from that a site was read in."""
    package = package_of(site)
    return settings.versions.describe(package) if package in registry.releases() else ""


def _narrow(settings: Settings, more: Mapping[str, Evidence]) -> Settings:
    versions = settings.versions.narrow(more)
    if versions.key() == settings.versions.key():
        return settings
    return replace(settings, names=names(versions, roots=settings.names.speech.roots), versions=versions)


def _possible(site: Site, versions: Versions) -> list[Version]:
    """The versions that it can be, as far as the site's grammar was measured in them."""
    measured = registry.heads()[site.named.vocabulary.framework].measured
    return [version for version in versions.candidates(package_of(site)) if within(version, measured)]


def _find_difference(site: Site, settings: Settings) -> tuple[Version, Version] | None:
    """Two versions that it can be in which a site means different things; None where all that know it agree."""
    package = package_of(site)
    if package not in registry.releases() or settings.versions.exact(package):
        return None
    known = site.syntax.memo.setdefault(f"differences {settings.versions.key()}", {})
    key = _same_readings(site)
    if key not in known:
        known[key] = _difference(site, settings)
    found: tuple[Version, Version] | None = known[key]
    return found


def _same_readings(site: Site) -> Hashable:
    """What is equal of sites that every version reads alike: of a function, all that its meaning depends on; what a
    layer looks up is read by itself."""
    if not site.named.path:
        return site.span
    shared = site.reach is Reach.MANY and site.form is not Form.DRAW
    framework = site.named.vocabulary.framework
    return framework, site.named.path, site.arguments.call, tuple(site.passes.items()), site.layouts, shared


def _difference(site: Site, settings: Settings) -> tuple[Version, Version] | None:
    is_alone = isinstance(site.node, ast.Constant | ast.Name)  # not a dict or a pair, that has arguments
    if is_alone and _is_looked_up(site) and _is_one_law(site, settings):
        return None
    for versions in (settings.versions, Versions(settings.versions.chosen)):  # the name may have outlived its version
        first: tuple[Version, Site] | None = None
        for version, other in _readings(site, settings, versions):
            if first is None:
                first = version, other
            elif not _alike(first[1], other):
                return first[0], version
        if first is not None:
            break
    return None


def _readings(site: Site, settings: Settings, versions: Versions) -> Iterator[tuple[Version, Site]]:
    """The site as each version reads it that knows it, once for those that say the same of it."""
    possible = _possible(site, versions)
    others: Iterable[tuple[Version, Site | None]]
    if site.named.path:
        named = variants(site.named.path, package_of(site), tuple(possible))
        others = ((version, _with(site, item)) for version, item in named)
    else:
        versions_apart = distinct(package_of(site), possible, site.string if _is_looked_up(site) else None)
        others = ((version, _reread(site, settings, version)) for version in versions_apart)
    return ((version, other) for version, other in others if other is not None and _is_valid(other))


def _is_looked_up(site: Site) -> bool:
    """Whether a site is a string that a layer looks up, and not `initializers.get`."""
    return not site.named.path and site.reference is not None and not site.reference.paths


def _is_one_law(site: Site, settings: Settings) -> bool:
    """Whether a string draws the same for all layers of the packages that it can reach, in all versions, so that it
    need not be read in each."""
    package = package_of(site)
    known: dict[str, None] = site.syntax.memo.setdefault("packages", {})  # all blocks that the sites go by were read
    known.update(() if known else dict.fromkeys(packages(site.syntax.scope)))
    roots = {*known, *_roots_of(package)}
    possible = {*_possible(site, settings.versions), *_possible(site, Versions(settings.versions.chosen))}
    versions = distinct(package, sorted(possible), site.string)
    speeches = (_speech(site, settings, version) for version in versions)
    return is_one_law(site.string, tuple(speech._replace(roots=speech.roots & roots) for speech in speeches))


@cache
def _roots_of(package: str) -> frozenset[str]:
    """What is imported to reach what the grammars of a package name."""
    every = registry.source_grammars().items()
    return frozenset(root for name, head in every if head.package == package for root in registry.roots(name))


def _is_valid(site: Site) -> bool:
    return any(item is not None for item in site.meanings({}, site.layouts))


def _with(site: Site, named: Named) -> Site | None:
    """The site with what its function is in another version; None where that does not take its arguments."""
    if not all(name in named.function.parameters for name, _ in site.arguments.call.named):
        return None
    call = site.arguments.call._replace(name=named.name)
    return site._replace(named=named, arguments=replace(site.arguments, call=call))


def _reread(site: Site, settings: Settings, version: Version) -> Site | None:
    """A site that its layer looks up, read in a version."""
    speech = _speech(site, settings, version)
    return read_again(site, names(speech.versions, roots=speech.roots))


def _speech(site: Site, settings: Settings, version: Version) -> Speech:
    """What decides which names there are in a version of the site's package."""
    speech = settings.names.speech
    chosen = {**speech.versions.chosen, package_of(site): version}
    return Speech(speech.versions._replace(chosen=chosen).key(), speech.roots)


def _alike(site: Site, other: Site) -> bool:
    """Whether two readings come to the same: the same distributions, shared or repeated by objects in the same way."""
    layouts = site.layouts if site.layouts == other.layouts else (*site.layouts, *other.layouts)
    ours, theirs = site.meanings({}, layouts), other.meanings({}, layouts)
    pairs = list(zip(ours, theirs, strict=True))
    if any((one is None) != (two is None) or (one and two and not equal(one, two)) for one, two in pairs):
        return False
    random = not all(isinstance(canonical(item), Constant | Identity) for item in ours if item is not None)
    shared = site.reach is Reach.MANY and site.form is not Form.DRAW and random
    return not shared or (site.repeats, site.advances) == (other.repeats, other.advances)
