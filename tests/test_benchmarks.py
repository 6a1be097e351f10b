"""Benchmarks that need what is not everywhere."""

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from benchmarks import accelerator  # noqa: E402 - behind the skip


def test_without_a_gpu_nothing_is_measured(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr("sys.argv", ["accelerator"])
    with pytest.raises(SystemExit) as ended:
        accelerator.main()
    assert ended.value.code == 0
    assert capsys.readouterr().out == "no GPU here: nothing is measured\n"
