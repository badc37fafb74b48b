"""The installed command, and `python -m dsr_sync`."""

from dsr_sync.cli.app import app


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
