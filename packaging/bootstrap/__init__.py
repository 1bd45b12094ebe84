"""What `start.py` needs to make a checkout run: system libraries, `.venv`, `tradedeck`.

Called by `packaging/start.py` only. Imports the standard library only, and nothing that is
newer than Python 3.8 at import, so that an older Python can still say what it lacks.

    terminal.py     one line of progress, children whose output is watched, SetupError
    system.py       which libraries Qt lacks, and the packages that hold them
    environment.py  `.venv` from a lock file: stamp, plan, pip
    metadata.py     the `tradedeck` command and its entry points, without a build

The invariant: an environment with a stamp is whole.
"""
