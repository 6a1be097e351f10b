"""The page: its bytes, what a hostile name makes of it, and what a browser makes of it."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from initport.cli import main
from tests.fixtures import CASES, source

ROOT = Path(__file__).parent.parent.parent
LENET = source(next(case for case in CASES if case.name == "lenet"))
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytest.importorskip("matplotlib", reason='the report needs matplotlib: pip install "initport[report]"')


def written(folder: Path, *arguments: str, name: str = "report.html") -> str:
    found = CliRunner().invoke(main, ["report", *arguments, "-o", str(folder / name)])
    assert found.exit_code in (0, 1), found.output
    return (folder / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    written(folder, str(LENET), "--no-measure")
    return folder / "report.html"


class Reader(HTMLParser):
    """Counts elements, and keeps what would be fetched from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        for name, value in attrs:
            if name in ("src", "href", "xlink:href", "srcset", "data", "action") and not str(value).startswith("#"):
                self.fetched.append(f"{tag} {name}={value}")


def test_it_holds_every_weight_and_fetches_nothing(page: Path) -> None:
    found = Reader(page.read_text(encoding="utf-8"))
    assert found.fetched == []
    assert found.tags["tr"] == 9
    assert found.tags["svg"] == 5  # ratios, depths, and three laws
    assert found.tags["script"] == 1


def test_the_verdict_says_what_names_alone_would_do(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "8 of 8 weights have a line that is proved to keep their distribution." in text
    assert "change the variance of 4 of the 4 whose names can be mapped, at worst to 0.0952" in text


def test_the_bytes_depend_on_the_input_only(tmp_path: Path, page: Path) -> None:
    assert written(tmp_path, str(LENET), "--no-measure") == page.read_text(encoding="utf-8")


def test_a_hostile_name_stays_text(tmp_path: Path) -> None:
    evil = '</title><script>alert(1)</script>$\\\\frac 1 2 $ $^<img src=x onerror=alert(1)>\\"\\033'
    path = tmp_path / "net.prototxt"
    path.write_text(LENET.read_text().replace('"conv1"', f'"{evil}"').replace('"LeNet"', f'"{evil}"'))
    found = Reader(written(tmp_path, str(path), "--no-measure"))
    assert found.tags["script"] == 1
    assert "img" not in found.tags
    assert found.fetched == []


def test_several_files_and_a_port(tmp_path: Path) -> None:
    text = written(tmp_path, str(LENET), str(LENET), "--no-measure", "--port", str(LENET))
    assert text.count("<h1>") == 2
    assert "Your port: 8 of 8 weights start as the source says." in text


NET = """
input: "data"
layer { name: "c" type: "Convolution" bottom: "data" top: "y"
  convolution_param { num_output: 9 kernel_size: 3 weight_filler { type: "xavier" } } }
"""


def test_sizes_that_are_missing_are_reported_with_how_they_are_stated(tmp_path: Path) -> None:
    (tmp_path / "net.prototxt").write_text(NET)
    (tmp_path / "net.py").write_text("import tensorflow as tf\n\ndef net(x):\n    return tf.layers.dense(x, 3)\n")
    open_net = written(tmp_path, str(tmp_path / "net.prototxt"), "--no-measure")
    assert "The sizes of 1 of 2 weights are not known" in open_net
    assert "<svg" not in open_net
    assert "Pass `--input NAME=N,C,H,W`" in open_net
    known = written(tmp_path, str(tmp_path / "net.prototxt"), "--no-measure", "--input", "data=1,3,8,8")
    assert "are not known" not in known
    assert "<svg" in known
    program = written(tmp_path, str(tmp_path / "net.py"), "--no-measure")
    assert "The sizes of 2 of 2 weights are not known" in program
    assert "export_meta_graph(" in program
    assert "--input" not in program


def browse(path: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """chromium on the page, in a profile of its own."""
    command = [BROWSER or "", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
               f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr", "--v=0", *arguments,
               path.as_uri()]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


PROBE = """
<script>
const heads = [...document.querySelectorAll("th button")];
const column = (index) => [...document.querySelectorAll("tbody tr")].map((row) => row.cells[index].textContent);
const names = heads.map((head) => head.textContent);
const variance = names.indexOf("variance");
heads[variance].click();
const up = column(variance);
heads[variance].click();
const down = column(variance);
heads[names.indexOf("weight")].click();
const result = { names, up, down, weights: column(names.indexOf("weight")),
  wide: document.documentElement.scrollWidth <= document.documentElement.clientWidth,
  figures: [...document.querySelectorAll("svg")].every((figure) => figure.getBoundingClientRect().height > 50) };
document.body.insertAdjacentHTML("beforeend", `<pre id="result">${JSON.stringify(result)}</pre>`);
</script>
"""


@pytest.mark.skipif(BROWSER is None, reason="no chromium here: apt-get install chromium")
@pytest.mark.parametrize("width", [412, pytest.param(1280, marks=pytest.mark.slow)])
def test_a_browser_sorts_the_table_and_renders_the_figures(page: Path, tmp_path: Path, width: int) -> None:
    """The probe is a script that the page's own policy would not run: in the copy the policy is left out."""
    text = page.read_text(encoding="utf-8")
    probed = tmp_path / "probed.html"
    without = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    probed.write_text(without.replace("</body>", f"{PROBE}</body>"), encoding="utf-8")
    ran = browse(probed, tmp_path, f"--window-size={width},1000", "--virtual-time-budget=3000", "--dump-dom")
    result = json.loads(re.search(r'<pre id="result">(\{"names.*?)</pre>', ran.stdout, re.DOTALL)[1])  # type: ignore[index]
    numbers = [float(value) for value in result["up"]]
    assert numbers == sorted(numbers)
    assert [float(value) for value in result["down"]] == sorted(numbers, reverse=True)
    assert result["weights"] == sorted(result["weights"])
    assert result["figures"]
    assert result["wide"], "the page itself does not scroll sideways"


PAPER = """
<script>
const fits = [...document.querySelectorAll(".scroll")].every((box) => box.scrollWidth <= box.clientWidth);
document.body.insertAdjacentHTML("beforeend", `<pre id="result">${fits}</pre>`);
</script>
"""


@pytest.mark.skipif(BROWSER is None, reason="no chromium here: apt-get install chromium")
def test_every_column_fits_on_paper(page: Path, tmp_path: Path) -> None:
    """In the copy the rules for print hold on a screen as wide as A4 between its margins."""
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text(encoding="utf-8"))
    probed = tmp_path / "paper.html"
    probed.write_text(text.replace("@media print", "@media all").replace("</body>", f"{PAPER}</body>"), "utf-8")
    ran = browse(probed, tmp_path, "--window-size=703,1000", "--virtual-time-budget=3000", "--dump-dom")
    assert '<pre id="result">true</pre>' in ran.stdout


@pytest.mark.skipif(BROWSER is None, reason="no chromium here: apt-get install chromium")
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext here: apt-get install poppler-utils")
def test_the_head_of_the_table_is_on_each_of_its_sheets(tmp_path: Path) -> None:
    """Chromium repeats no head that holds the box of a button."""
    written(tmp_path, str(ROOT / "fixtures" / "guide" / "resnet18.prototxt"), "--no-measure")
    browse(tmp_path / "report.html", tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={tmp_path / 'report.pdf'}")
    ran = subprocess.run(["pdftotext", "-layout", str(tmp_path / "report.pdf"), "-"], capture_output=True, text=True,
                         check=True)  # fmt: skip
    rows = re.compile(r"^ *[0-9]+ +\w+_\w+ +[0-9x]+ .* (proved|no line) ", re.MULTILINE)
    sheets = [sheet for sheet in ran.stdout.split("\f") if rows.search(sheet)]
    assert len(sheets) > 4
    for sheet in sheets:
        assert re.search(r"^ *line +weight +shape +source +law +variance ", sheet, re.MULTILINE), sheet


@pytest.mark.skipif(BROWSER is None, reason="no chromium here: apt-get install chromium")
def test_a_browser_has_nothing_to_complain_of(page: Path, tmp_path: Path) -> None:
    ran = browse(page, tmp_path, "--virtual-time-budget=3000", f"--screenshot={tmp_path / 'page.png'}")
    assert "CONSOLE" not in ran.stderr
    assert (tmp_path / "page.png").stat().st_size > 20_000
