"""What a library on JAX declares of itself as a target: all but its names is shared."""

from initport.emit.target import Target


def jax_target(package: str, title: str, libraries: tuple[str, ...], extra: str) -> Target:
    """The target of the folder ``package``, whose layers and strings are those of the grammar of its name."""
    grammar = package.rpartition(".")[2]
    return Target(
        package=package,
        name=grammar.replace("_", "-"),
        title=title,
        libraries=libraries,
        layers=grammar,
        strings=grammar,
        extra=extra,
        shared="initport.emit.jax",
        nested=True,
    )
