"""The imports of a rewritten module: what stays, what goes, what is added, and where."""

import subprocess
import sys
from pathlib import Path

import pytest

from initport.project.processes import Run
from tests.rewrite.rewriting import rewritten

CALL = "tf.zeros_initializer()"
XAVIER = "xavier_initializer()"
GLOROT = "lambda shape, dtype=None, **_: tf.keras.initializers.glorot_uniform()(shape, dtype=dtype)"
TORCH = Run(target="torch")
KERAS = Run(module="keras")


def removed(imports: str) -> str:
    """What is left of imports one of whose names, `xavier_initializer`, is no longer needed."""
    head, tail = "import tensorflow as tf\n", f"i = {XAVIER}\n"
    after = rewritten(head + imports + tail)
    assert after.startswith(head)
    assert after.endswith(f"i = {GLOROT}\n")
    return after.removeprefix(head).removesuffix(f"i = {GLOROT}\n")


@pytest.mark.parametrize(
    "imports",
    [
        pytest.param("from a import (  # the usual\n    xavier_initializer,\n)\nx = xavier_initializer\n", id="used"),
        pytest.param("from tensorflow.contrib.layers import *\n", id="all names"),
        pytest.param(
            "from tensorflow.contrib.layers import (\n    conv2d,\n    xavier_initializer,  # Glorot and Bengio\n)\n",
            id="a comment behind the name",
        ),
        pytest.param(
            "from tensorflow.contrib.layers import (\n    # Glorot\n    xavier_initializer,\n    conv2d,\n)\n",
            id="a comment above the name",
        ),
        pytest.param(
            "from tensorflow.contrib.layers import xavier_initializer\n__all__ = ['xavier_initializer']\n", id="__all__"
        ),
    ],
)
def test_what_stays(imports: str) -> None:
    assert removed(imports.replace("from a ", "from tensorflow.contrib.layers ")) == imports.replace(
        "from a ", "from tensorflow.contrib.layers "
    )


@pytest.mark.parametrize(
    ("names", "left"),
    [
        ("xavier_initializer, conv2d", "conv2d"),
        ("conv2d, xavier_initializer", "conv2d"),
        ("conv2d, xavier_initializer, flatten", "conv2d, flatten"),
        ("conv2d ,xavier_initializer ,flatten", "conv2d ,flatten"),
        ("(conv2d, xavier_initializer)  # layers", "(conv2d)  # layers"),
        ("(conv2d, xavier_initializer,)", "(conv2d,)"),
        ("conv2d, \\\n    xavier_initializer", "conv2d"),
        ("conv2d, \\\n    xavier_initializer, flatten", "conv2d, \\\n    flatten"),
        ("(\n    conv2d,\n    xavier_initializer,\n)", "(\n    conv2d,\n)"),
        ("(\n    xavier_initializer,\n    conv2d,\n)", "(\n    conv2d,\n)"),
        ("(\n    conv2d,  # kept\n    xavier_initializer,\n)", "(\n    conv2d,  # kept\n)"),
        ("(  # all\n    xavier_initializer,\n    # kept\n    conv2d\n)", "(  # all\n    # kept\n    conv2d\n)"),
        ("(conv2d,  # kept\n xavier_initializer)", "(conv2d  # kept\n)"),
        ("(\n    conv2d,\n    xavier_initializer,\n    # the end\n)", "(\n    conv2d,\n    # the end\n)"),
        ("(conv2d,\n    xavier_initializer, flatten)", "(conv2d,\n    flatten)"),
    ],
)
def test_a_name_goes(names: str, left: str) -> None:
    head = "from tensorflow.contrib.layers import "
    assert removed(f"{head}{names}\n") == f"{head}{left}\n"


@pytest.mark.parametrize(
    ("imports", "left"),
    [
        ("from tensorflow.contrib.layers import xavier_initializer\n", ""),
        ("from tensorflow.contrib.layers import xavier_initializer  # Glorot\n", ""),
        ("# layers\nfrom tensorflow.contrib.layers import xavier_initializer\n", "# layers\n"),
        ("from tensorflow.contrib.layers import xavier_initializer;\n", ""),
        ("import os; from tensorflow.contrib.layers import xavier_initializer; import sys  # x\n",
         "import os; import sys  # x\n"),
        ("if a:\n\timport os\n\tfrom tensorflow.contrib.layers import xavier_initializer\n", "if a:\n\timport os\n"),
    ],
)  # fmt: skip
def test_a_statement_goes(imports: str, left: str) -> None:
    assert removed(imports) == left


def test_line_ends_are_those_of_the_file() -> None:
    source = "from tensorflow.contrib.layers import (\n    conv2d,\n    xavier_initializer,\n)\n"
    body = f"import tensorflow as tf\n{source}i = {XAVIER}\n"
    after = rewritten(body.replace("\n", "\r\n"))
    assert after == body.replace("    xavier_initializer,\n", "").replace(XAVIER, GLOROT).replace("\n", "\r\n")


def added(imports: str, body: str, run: Run = TORCH) -> str:
    """The head of a module to which an import is added, which ends before ``body``."""
    after = rewritten(f"{imports}{body}", run)
    marker = body.partition("\n")[0]
    return after[: after.index(marker)]


SITE = "MARK = 1\ni = tf.zeros_initializer(), tf\n"
NORMAL = "MARK = 1\ni = tf.random_normal_initializer(stddev=1), tf\n"
LOCAL = "MARK = 1\ndef f():\n    import tensorflow as tf\n    return tf.zeros_initializer(), tf\n"


@pytest.mark.parametrize(
    ("imports", "body", "after"),
    [
        pytest.param("from torch import nn\nimport tensorflow as tf\n", SITE, None, id="there"),
        pytest.param("import tensorflow as tf\n", SITE, "import tensorflow as tf\nfrom torch import nn\n", id="behind"),
        pytest.param("import os\n\nimport tensorflow as tf\nimport zoo\n\nfrom . import a\n", SITE,
                     "import os\n\nimport tensorflow as tf\nimport zoo\nfrom torch import nn\n\nfrom . import a\n",
                     id="among the third parties"),
        pytest.param("import tensorflow as tf\n", NORMAL,
                     "import functools\n\nimport tensorflow as tf\nfrom torch import nn\n", id="a section of its own"),
        pytest.param("import os\nimport tensorflow as tf\n", NORMAL,
                     "import functools\nimport os\nimport tensorflow as tf\nfrom torch import nn\n", id="no sections"),
        pytest.param("import zoo\nimport tensorflow as tf\nimport numpy as np\n", SITE,
                     "import zoo\nimport tensorflow as tf\nfrom torch import nn\nimport numpy as np\n",
                     id="in no order: behind the import that it replaces"),
        pytest.param("import tensorflow as tf\nfrom torch import optim\n", SITE,
                     "import tensorflow as tf\nfrom torch import nn, optim\n", id="merged"),
        pytest.param("import tensorflow as tf\nfrom torch import (\n    autograd,  # a\n    optim,\n)\n", SITE,
                     "import tensorflow as tf\nfrom torch import (\n    autograd,  # a\n    nn,\n    optim,\n)\n",
                     id="merged in parentheses"),
        pytest.param("import tensorflow as tf\nfrom torch import (\n    autograd,\n    cuda,  # c\n)\n", SITE,
                     "import tensorflow as tf\nfrom torch import (\n    autograd,\n    cuda,  # c\n    nn,\n)\n",
                     id="merged behind a comment"),
        pytest.param("import tensorflow as tf\nfrom torch import optim as o\n", SITE,
                     "import tensorflow as tf\nfrom torch import nn\nfrom torch import optim as o\n",
                     id="never merged with a name of another kind"),
        pytest.param('"""Doc."""\n', LOCAL, '"""Doc."""\nfrom torch import nn\n', id="no import at all"),
        pytest.param("# A licence.\n\n", LOCAL, "# A licence.\n\nfrom torch import nn\n", id="below the head"),
        pytest.param('"""Doc."""; import tensorflow as tf\n', SITE,
                     '"""Doc."""; import tensorflow as tf\nfrom torch import nn\n', id="on the docstring's line"),
        pytest.param("from __future__ import division; import tensorflow as tf\n", SITE,
                     "from __future__ import division; import tensorflow as tf\nfrom torch import nn\n",
                     id="on the line of a future import"),
        pytest.param("from __future__ import division; import tensorflow as tf; i = tf.zeros_initializer(), tf\n",
                     "MARK = 1\n",
                     "from __future__ import division; from torch import nn; import tensorflow as tf; "
                     "i = nn.init.zeros_, tf\n", id="all on one line"),
        pytest.param("try:\n    import torch.optim as o\nexcept E:\n    pass\nimport tensorflow as tf\n", SITE,
                     "from torch import nn\ntry:\n    import torch.optim as o\nexcept E:\n    pass\n"
                     "import tensorflow as tf\n", id="before a branch that imports the package"),
    ],
)  # fmt: skip
def test_where_an_import_goes(imports: str, body: str, after: str | None) -> None:
    assert added(imports, body) == (imports if after is None else after)


@pytest.mark.parametrize("first", ["from __future__ import division", '"""Doc."""'])
@pytest.mark.parametrize("beside", ["", "; import os"])
def test_one_import_comes_and_another_goes_on_the_line_of_what_comes_first(first: str, beside: str) -> None:
    before = f"{first}; from tensorflow.contrib.layers import xavier_initializer{beside}\nx = xavier_initializer()\n"
    after = rewritten(before)
    assert after.startswith(f"{first}; import tensorflow as tf{beside}\n")
    compile(after, "a.py", "exec")


ENVIRONMENT = 'os.environ["KERAS_BACKEND"] = "torch"\n'


@pytest.mark.parametrize(
    ("imports", "after"),
    [
        pytest.param(f"import os\n{ENVIRONMENT}import keras\n", None, id="there"),
        pytest.param(
            f"import os\nimport tensorflow as tf\n{ENVIRONMENT}from zoo import y\n",
            f"import os\nimport tensorflow as tf\n{ENVIRONMENT}import keras\nfrom zoo import y\n",
            id="among the imports below",
        ),
        pytest.param(
            f"import os\nimport tensorflow as tf\n{ENVIRONMENT}",
            f"import os\nimport tensorflow as tf\n{ENVIRONMENT}import keras\n",
            id="directly below",
        ),
        pytest.param(
            "import os\nimport tensorflow as tf\nif not a:\n    os.environ.setdefault('KERAS_BACKEND', 'jax')\n",
            "import os\nimport tensorflow as tf\nif not a:\n    os.environ.setdefault('KERAS_BACKEND', 'jax')\n"
            "import keras\n",
            id="in a branch",
        ),
        pytest.param(
            f"import os\nimport tensorflow as tf\nfrom keras.layers import Dense\n{ENVIRONMENT}",
            f"import os\nimport keras\nimport tensorflow as tf\nfrom keras.layers import Dense\n{ENVIRONMENT}",
            id="the package is imported above already",
        ),
        pytest.param(
            "import os\nimport tensorflow as tf\ndef f():\n    os.environ['A'] = '1'\n",
            "import os\nimport keras\nimport tensorflow as tf\ndef f():\n    os.environ['A'] = '1'\n",
            id="a function that may set it",
        ),
    ],
)
def test_never_above_what_sets_the_environment(imports: str, after: str | None) -> None:
    assert added(imports, SITE, KERAS) == (imports if after is None else after)


@pytest.mark.slow
def test_the_backend_stays_what_it_is() -> None:
    """The program runs on the backend that it chose, before and after."""
    source = f"import os\n{ENVIRONMENT}\ndef f():\n    import tensorflow as tf\n    return tf.zeros_initializer(), tf\n"
    program = f"{rewritten(source, KERAS)}print(keras.config.backend())\n"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "torch\n"


@pytest.mark.parametrize("target", ["keras", "torch"])
def test_what_is_in_order_stays_in_order(target: str) -> None:
    """By ruff's reading of isort's default profile: of the fixtures, which are in order, and so are the results."""
    folder = Path(__file__).parents[2] / "fixtures" / "codemod"
    files = sorted(map(str, (*folder.glob("*.in.py"), *folder.glob(f"*.{target}.py"))))
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "I", "--quiet", *files]
    assert subprocess.run(command, capture_output=True, text=True, check=False).stdout == ""


def test_a_file_that_does_not_change_never_imports_libcst() -> None:
    program = (
        "import sys\nfrom tests.rewrite.rewriting import outcome\n"
        "found = outcome(sys.argv[1].encode())\nprint(found.after is not None, 'libcst' in sys.modules)\n"
    )
    for source, changes in (
        ("import tensorflow as tf\ni = tf.keras.initializers.Zeros()\n", False),
        ("import tensorflow as tf\nx = f(tf.zeros_initializer)  # refused\n", False),
        ("import tensorflow as tf\ni = tf.zeros_initializer()  # initport: ignore\n", False),
        ("from tensorflow import contrib as c\ni = c.layers.xavier_initializer()\n", True),
    ):
        result = subprocess.run(
            [sys.executable, "-c", program, source],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
        )
        assert result.stdout == f"{changes} {changes}\n"


@pytest.mark.parametrize("star", ["from utils import *", "from tensorflow import *", "from .utils import *"])
def test_a_name_is_imported_below_what_may_bring_another_thing_of_that_name(star: str) -> None:
    before = f"import tensorflow as tf\nimport os\n{star}\nimport sys\nx = tf.random_normal_initializer(stddev=0.1)\n"
    after = rewritten(before, Run.of({"to": "torch"}))
    assert after.index(star) < after.index("import functools") < after.index("x =")
    assert after.index(star) < after.index("from torch import nn") < after.index("x =")


def test_what_is_known_of_a_standard_module_hides_nothing() -> None:
    before = "import tensorflow as tf\nfrom math import *\nx = tf.random_normal_initializer(stddev=0.1)\n"
    assert rewritten(before, Run.of({"to": "torch"})).index("from torch import nn") < rewritten(
        before, Run.of({"to": "torch"})
    ).index("x =")
