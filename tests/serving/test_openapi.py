"""The OpenAPI description: its examples are real, and answers are what it says."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import checks

from asking import serving

EXAMPLES = 12  # requests made up for each address and method


@pytest.fixture(scope="module")
def described(server):
    return server.get("/openapi.json").json()


def test_every_address_is_described(described):
    assert set(described["paths"]) == {
        "/predict", "/card", "/report", "/health", "/ready", "/metrics", "/models",
        "/models/{name}/predict", "/models/{name}/card", "/models/{name}/report",
    }  # fmt: skip


def test_examples_of_requests_get_the_examples_of_answers(server, described, models):
    operation = described["paths"]["/models/{name}/predict"]["post"]
    sent = operation["requestBody"]["content"]["application/json"]["examples"]
    answers = operation["responses"]["200"]["content"]["application/json"]["examples"]
    assert set(answers) == {model.name for model in models.values()}
    assert {name.partition(",")[0] for name in sent} == {"texts", "tables", "prices", "weather"}
    for name, example in sent.items():
        model = name.partition(",")[0]
        answer = server.post(f"/models/{model}/predict", json=example["value"])
        (expected,) = answers[model]["value"]["predictions"]
        assert answer.status_code == 200, answer.text
        for one in answer.json()["predictions"]:
            assert one.keys() == expected.keys()
            for field in expected.keys() & {"tag", "tags", "known"}:
                assert one[field] == expected[field]
            for field in expected.keys() & {"probabilities", "value"}:
                assert one[field] == pytest.approx(expected[field], abs=1e-6)


def test_a_server_of_one_model_describes_what_that_takes(models):
    with serving(models["images"]) as running:
        described = running.get("/openapi.json").json()
    content = described["paths"]["/predict"]["post"]["requestBody"]["content"]
    assert set(content) == {"multipart/form-data", "application/octet-stream"}


CHECKED = (
    checks.not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_schema_conformance,
)  # fmt: skip


HOW = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
    phases=[Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip


def test_made_up_requests_are_answered_as_described(server, described):
    """Each address, with requests that fit the description and requests that do not."""
    schema = schemathesis.openapi.from_dict(described)
    schema.config.base_url = server.url
    asked = []

    def ask(case):
        asked.append(case.path)
        case.call_and_validate(checks=CHECKED, timeout=30)

    for operation in (found.ok() for found in schema.get_all_operations()):
        modes = [schemathesis.GenerationMode.POSITIVE]
        if operation.body or operation.path_parameters:  # else nothing can be wrong
            modes.append(schemathesis.GenerationMode.NEGATIVE)
        for mode in modes:
            HOW(given(case=operation.as_strategy(generation_mode=mode))(ask))()
    assert set(asked) == set(described["paths"])
    assert len(asked) > 60
