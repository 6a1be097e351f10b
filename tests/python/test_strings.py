"""Whether a string means the same in all versions, so that it need not be read in each."""

import pytest

from initport.grammar.call import Call
from initport.grammar.layout import parse_layout
from initport.grammar.meaning import MeaningError, Vocabulary
from initport.grammar.versions import Versions
from initport.ir.initializers import Initializer, canonical
from initport.ir.weights import Layout
from initport.python.sites.string import is_one_law
from initport.python.vocabulary import Speech

LAYOUTS = tuple(map(parse_layout, ("", "out", "in, out", "*kernel, in, out", "height, kernel / height, in, out")))


def speeches(package: str) -> tuple[Speech, ...]:
    """What decides the names of those who import a package, for each of its versions."""
    versions = Versions().candidates(package)
    return tuple(Speech(Versions({package: version}).key(), frozenset({package})) for version in versions)


@pytest.mark.parametrize(
    ("string", "package", "expected"),
    [
        ("no such string", "tensorflow", False),
        ("zeros", "tensorflow", True),
        ("glorot_uniform", "tensorflow", True),
        ("orthogonal", "tensorflow", True),
        ("uniform", "tensorflow", False),  # other limits since 1.11
        ("glorot_normal", "tensorflow", False),  # corrected for truncation since 1.10
        ("zero", "keras", False),  # layers of Keras 1 hand it an argument
        ("glorot_uniform", "keras", False),  # other fans before 2.0.6
    ],
)
def test_one_law(string: str, package: str, expected: bool) -> None:
    assert is_one_law(string, speeches(package)) is expected


def test_what_is_imported_counts() -> None:
    every = tuple(item._replace(roots=frozenset({"tensorflow", "keras"})) for item in speeches("tensorflow"))
    assert not is_one_law("glorot_uniform", every)  # Keras of any version may be given it
    assert is_one_law("zeros", every)


def test_one_version_has_one_law() -> None:
    for speech in speeches("tensorflow"):
        assert is_one_law("uniform", (speech,))


@pytest.mark.parametrize("package", ["tensorflow", "tflearn"])
def test_one_law_is_the_same_on_all_weights(package: str) -> None:
    known = speeches(package)
    speakers = {speaker for speech in known for _, speaker in speech.speakers()}
    strings = {string for speaker in speakers for string in speaker.strings}
    found = [string for string in sorted(strings) if is_one_law(string, known)]
    assert found
    for string in found:
        laws = [[_law(string, item, layout) for layout in LAYOUTS] for item in speakers if item.knows(string)]
        assert all(law == laws[0] for law in laws), string


def _law(string: str, speaker: Vocabulary, layout: Layout) -> Initializer | None:
    try:
        return canonical(speaker.meaning(Call(speaker.initializer_of(string), (), ()), layout))
    except MeaningError:
        return None
