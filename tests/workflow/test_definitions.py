"""What holds for every state of both machines, read from the files."""

import re

import jsonata
import pytest

from tests.workflow.interpreter import ROOT, all_states, expressions, load

MACHINES = ("rft_pipeline", "evaluate_model", "watch_job", "after_abort")
STATES = [(machine, name, state) for machine in MACHINES for name, state in all_states(load(machine))]
TASKS = [(machine, name, state) for machine, name, state in STATES if state["Type"] == "Task"]
WORKING = [(machine, name, state) for machine, name, state in STATES if state["Type"] in ("Task", "Map")]
SET_PER_RUN = {"{% $wait_seconds %}", "{% $timing.approval_timeout_seconds %}"}
PARAMETERS = {"evaluation_arn", "watch_arn", "topic_arn", "use_case"}


def ids(cases: list[tuple[str, str, dict]]) -> list[str]:
    return [f"{machine}.{name}" for machine, name, _ in cases]


@pytest.mark.parametrize(("machine", "name", "state"), WORKING, ids=ids(WORKING))
def test_every_working_state_retries_what_is_transient_and_catches_the_rest(machine, name, state):
    assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
    for retrier in state["Retry"]:
        assert retrier["JitterStrategy"] == "FULL"
        assert not {"States.ALL", "States.TaskFailed", "States.Timeout"} & set(retrier["ErrorEquals"])
        assert 1 <= retrier["MaxAttempts"] <= 10


@pytest.mark.parametrize(("machine", "name", "state"), TASKS, ids=ids(TASKS))
def test_every_task_has_a_timeout(machine, name, state):
    seconds = state["TimeoutSeconds"]
    assert seconds in SET_PER_RUN if isinstance(seconds, str) else seconds >= 60


@pytest.mark.parametrize("machine", MACHINES)
def test_the_machine_itself_has_a_timeout(machine):
    assert load(machine)["TimeoutSeconds"] > 0


@pytest.mark.parametrize("machine", MACHINES)
def test_every_state_can_be_reached_and_every_next_state_exists(machine):
    definition = load(machine)
    seen, ahead = set(), [definition["StartAt"]]
    while ahead:
        name = ahead.pop()
        if name in seen:
            continue
        seen.add(name)
        state = definition["States"][name]
        ahead += [state[key] for key in ("Next", "Default") if key in state]
        ahead += [branch["Next"] for key in ("Catch", "Choices") for branch in state.get(key, [])]
    assert seen == set(definition["States"])


def test_every_failure_after_registration_is_compensated():
    caught = {
        name: state["Catch"][-1]["Next"]
        for name, state in load("rft_pipeline")["States"].items()
        if state["Type"] == "Task"
    }
    elsewhere = {name: target for name, target in caught.items() if target != "Compensate"}
    assert elsewhere == {
        "RegisterRun": "NotifyUnrecorded",
        "Compensate": "RecordRun",
        "RecordRun": "NotifyUnrecorded",
        "Notify": "HasFailed",
        "NotifyUnrecorded": "Failed",
    }


@pytest.mark.parametrize(("machine", "name", "state"), STATES, ids=ids(STATES))
def test_every_expression_parses(machine, name, state):
    for expression in expressions(state):
        jsonata.Jsonata(expression)


@pytest.mark.parametrize("machine", MACHINES)
def test_every_variable_is_assigned_somewhere(machine):
    definition = load(machine)
    assigned = {"states"}
    for _, state in all_states(definition):
        for holder in (state, *state.get("Catch", []), *state.get("Choices", [])):
            assigned |= set(holder.get("Assign", {}))
    for name, state in all_states(definition):
        for expression in expressions(state):
            used = set(re.findall(r"\$([a-z_]\w*)\b(?!\()", expression))
            assert used <= assigned, name


def test_placeholders_are_functions_or_known_parameters():
    functions = {f"{path.parent.name}_arn" for path in ROOT.glob("lambda/*/handler.py")}
    for machine in MACHINES:
        text = (ROOT / "stepfunctions" / f"{machine}.asl.json").read_text()
        used = set(re.findall(r"\$\{(\w+)\}", text))
        assert used <= functions | PARAMETERS


def test_every_state_explains_itself():
    unexplained = [
        f"{m}.{n}" for m, n, s in STATES if s["Type"] not in ("Succeed", "Fail") and not s.get("Comment")
    ]
    assert unexplained == []
