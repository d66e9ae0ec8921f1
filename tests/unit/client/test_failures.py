from __future__ import annotations

import pytest

from greenlane.client.failures import CLASS_OF_CODE, rebuild_error
from greenlane.model import errors
from greenlane.model.errors import GreenlaneError


def all_errors() -> list[type[GreenlaneError]]:
    found = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    return [kind for kind in found if issubclass(kind, GreenlaneError)]


@pytest.mark.parametrize("kind", all_errors())
def test_every_error_of_the_model_comes_back_as_itself(kind: type[GreenlaneError]) -> None:
    body = f'{{"error": "{kind.code}", "message": "m", "hint": "h"}}'.encode()
    error = rebuild_error(kind.http_status, body, {})
    assert type(error) is kind
    assert (error.message, error.hint) == ("m", "h")


def test_codes_are_unique() -> None:
    assert len(CLASS_OF_CODE) == len(all_errors())


def test_an_unknown_code_falls_back_to_the_status() -> None:
    body = b'{"error": "teapot", "message": "short and stout", "hint": ""}'
    assert isinstance(rebuild_error(409, body, {}), errors.ConflictError)
    assert type(rebuild_error(418, body, {})) is GreenlaneError
