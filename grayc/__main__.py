"""Run `python -m grayc` as the console script does."""

from grayc.cli.main import main

if __name__ == "__main__":
    main()
