"""What `import handful` offers, what it costs, and that the command offers the same."""

import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

import handful
from handful.cli.commands import app

VERBS = [name for name in handful.__all__ if name.islower()]
# Only a command has a terminal to print to, and only a function has a caller to report to.
ONLY_COMMAND, ONLY_FUNCTION = {"as_json"}, {"progress"}


def test_the_public_names():
    assert handful.__all__ == [
        "Counted", "Counting", "Exported", "Listening", "Prediction", "Result", "Server", "Studio",
        "Tally", "Threshold", "count", "evaluate", "export", "listen", "predict", "serve", "studio",
        "threshold", "train",
    ]  # fmt: skip
    for name in handful.__all__:
        assert getattr(handful, name).__name__ == name
        assert inspect.getdoc(getattr(handful, name))
    with pytest.raises(AttributeError, match="no attribute 'fit'"):
        _ = handful.fit


def test_a_name_stays_what_it_is_when_its_home_is_imported():
    homes = {name: import_module(f"handful.{home}") for name, home in handful._HOMES.items()}
    assert all(getattr(handful, name) is getattr(homes[name], name) for name in homes)


def test_the_public_names_are_all_that_it_shows():
    assert dir(handful) == sorted([*handful.__all__, "__version__"])


def imported_by(statement):
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_importing_it_costs_nothing():
    heavy = {"numpy", "onnx", "onnxruntime", "openvino", "PIL", "typer", "rich", "jinja2"}
    assert not heavy & imported_by("import handful")


def test_asking_the_command_for_help_loads_no_arrays_and_no_networks():
    assert not {"numpy", "onnx", "onnxruntime", "PIL", "jinja2"} & imported_by(
        "import handful.cli.commands"
    )


def test_predicting_loads_neither_networks_to_learn_with_nor_templates():
    loaded = imported_by("from handful import predict")
    assert "onnxruntime" not in loaded  # not before there is a model
    assert not {"onnx", "openvino", "jinja2", "rich"} & loaded


def options(verb):
    """Name and default of every parameter of a command; required ones have no default."""
    command = typer.main.get_command(app).commands[verb]
    return {p.name: ... if p.required else p.default for p in command.params}


def parameters(verb):
    signature = inspect.signature(getattr(handful, verb))
    return {
        name: ... if parameter.default is parameter.empty else parameter.default
        for name, parameter in signature.parameters.items()
    }


def plain(values, left_out):
    kept = {name: value for name, value in values.items() if name not in left_out}
    return {name: str(v) if isinstance(v, Path) else v for name, v in kept.items()}


def test_every_verb_is_both_a_command_and_a_function():
    assert set(typer.main.get_command(app).commands) == set(VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_command_and_function_have_the_same_parameters_and_defaults(verb):
    command, function = options(verb), parameters(verb)
    assert set(command) >= ONLY_COMMAND
    assert list(plain(command, ONLY_COMMAND)) == list(plain(function, ONLY_FUNCTION))
    assert plain(command, ONLY_COMMAND) == plain(function, ONLY_FUNCTION)


@pytest.mark.parametrize("verb", VERBS)
def test_options_are_named_like_parameters(verb):
    command = typer.main.get_command(app).commands[verb]
    for parameter in command.params:
        if parameter.param_type_name == "option" and parameter.name not in ONLY_COMMAND:
            assert parameter.opts == [f"--{parameter.name.replace('_', '-')}"]
