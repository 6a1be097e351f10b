"""What a library on JAX declares of itself as a target: all but its names is shared."""

from initport.emit.target import Target


def jax_target(
    package: str, title: str, libraries: tuple[str, ...], extra: str, layers: str, strings: str = "jax"
) -> Target:
    """The target of the folder ``package``; its ``layers`` are those of that grammar, and what they start with is in
    that of the ``strings``."""
    return Target(
        package=package,
        title=title,
        libraries=libraries,
        layers=layers,
        strings=strings,
        extra=extra,
        shared="initport.emit.jax",
        nested=True,
    )
