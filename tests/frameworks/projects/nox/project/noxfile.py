import nox


@nox.session(venv_backend="none")
def unit(session: nox.Session) -> None:
    session.run("python3", "-m", "pytest", *session.posargs)
