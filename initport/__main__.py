"""``python -m initport``."""

from initport.cli import main

if __name__ == "__main__":
    main(prog_name="initport")
