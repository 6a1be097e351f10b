"""What is wrong with a grammar file."""


class GrammarError(Exception):
    """A grammar file is broken: ``where`` is the file and the path of the key in it."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where = where
