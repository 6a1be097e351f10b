"""The command ``initport``, which ``python -m initport`` is too."""

import gc


def main() -> None:
    gc.disable()  # what is imported stays: to look for garbage in it takes a twentieth of the start
    from initport import cli

    gc.freeze()
    gc.enable()
    cli.main(prog_name="initport")


if __name__ == "__main__":
    main()
