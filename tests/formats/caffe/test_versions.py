"""What depends on the version of Caffe: the centre of bilinear kernels."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from initport.cli import main
from initport.conversion import read
from initport.diagnostics import InputError
from initport.formats.read_options import Options
from initport.ir.initializers import Bilinear

UP = (
    'layer {{ name: "u" type: "Deconvolution" bottom: "d" top: "u" convolution_param {{ num_output: 2 group: 2 '
    'kernel_size: {} weight_filler {{ type: "bilinear" }} bias_term: false }} }}'
)


def found(width: int, version: str | None) -> str | None:
    """The code of what is found; None where the kernel is read."""
    result = read(UP.format(width), path="net.prototxt", options=Options(version=version))
    read_it = isinstance(result.model.layers[0].weights[0].initializer, Bilinear)
    codes = [item.code.code for item in result.diagnostics]
    assert read_it is (not codes)
    return codes[0] if codes else None


@pytest.mark.parametrize("width", [1, 4, 5, 8, 9, 16, 64])
@pytest.mark.parametrize("version", [None, "1.0", "2017.9", "2018.1"])
def test_widths_that_all_versions_centre_alike(width: int, version: str | None) -> None:
    assert found(width, version) is None


@pytest.mark.parametrize("width", [2, 3, 6, 7, 10])
def test_widths_that_moved_in_october_2017(width: int) -> None:
    assert found(width, None) == "IP316"
    assert found(width, "1.0") == found(width, "0.9999") == found(width, "2017.9") == "IP208"
    assert found(width, "2017.10") is found(width, "2018.1") is None


def plane(width: int, old: bool) -> list[float]:
    """One row of a kernel as filler.hpp computes it, before and after the change."""
    f = (width + 1) // 2
    c = (2 * f - 1 - f % 2) / (2 * f) if old else (width - 1) / (2 * f)
    return [1 - abs(x / f - c) for x in range(width)]


@pytest.mark.parametrize("width", range(1, 30))
def test_the_widths_are_those_of_which_the_two_formulas_differ(width: int) -> None:
    assert (plane(width, True) != plane(width, False)) is (width % 4 > 1)


def test_a_version_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="'new' is not a version of Caffe"):
        read(UP.format(3), path="net.prototxt", options=Options(version="new"))


@pytest.mark.parametrize(("stated", "code"), [("1.0", 1), ("caffe=1.0", 1), ("2018.1", 0), ("caffe=2018.1", 0)])
def test_the_command_line_states_it(stated: str, code: int) -> None:
    arguments = ["convert", "-", "--from", "caffe", "--source-version", stated]
    assert CliRunner().invoke(main, arguments, input=UP.format(3)).exit_code == code


@pytest.mark.parametrize(("source", "stated"), [(True, "caffe=1.0"), (False, "caffe=new"), (False, "new")])
def test_the_command_line_refuses_what_means_nothing(tmp_path: Path, source: bool, stated: str) -> None:
    (tmp_path / "a.py").write_text("")
    file = [str(tmp_path / "a.py")] if source else ["-", "--from", "caffe"]
    ran = CliRunner().invoke(main, ["convert", *file, "--source-version", stated], input=UP.format(3))
    assert ran.exit_code == 2
    assert isinstance(ran.exception, SystemExit)
