# SPDX-License-Identifier: Apache-2.0
"""Executions of CodePipeline, which moto lacks: it knows pipelines, but cannot run one.

Each operation is a method on moto's own answerer, so routing, accounts and regions come with it;
botocore's model checks what goes in and what comes out. Nothing runs by itself: a stage is in
progress until the test says how it ended (`told`), as the work of a stage is not our matter. Every
change of an execution or a stage is also an event of aws.codepipeline, as on AWS.
"""

import json
import threading
import time
import uuid

import botocore.session
import events
import world
from botocore import xform_name
from botocore.validate import ParamValidator
from moto.codepipeline.models import codepipeline_backends
from moto.codepipeline.responses import CodePipelineResponse
from moto.core.exceptions import JsonRESTError

MODEL = botocore.session.get_session().get_service_model("codepipeline")
LOCK = threading.RLock()
RUNS = {}  # pipeline name -> Runs
EVENT_STATES = {"InProgress": "STARTED", "Succeeded": "SUCCEEDED", "Failed": "FAILED",
                "Stopping": "STOPPING", "Stopped": "STOPPED"}
ACTION_STATES = {"Stopping": "InProgress", "Stopped": "Abandoned"}


class Refused(JsonRESTError):
    code = 400


class Runs:
    """The executions of one pipeline, oldest first, and the transitions that are shut."""

    def __init__(self):
        self.all = []
        self.shut = {}


@world.on_reset
def forget():
    with LOCK:
        RUNS.clear()


def operation(name):
    """Makes a function (pipeline, parameters) -> answer one of moto's CodePipeline operations."""
    model = MODEL.operation_model(name)

    def checked(shape, value):
        report = ParamValidator().validate(value, shape)
        if report.has_errors():
            raise Refused("ValidationException", report.generate_report())
        return value

    def wrap(act):
        def method(self):
            parameters = checked(model.input_shape, json.loads(self.body or b"{}"))
            with LOCK:
                pipeline = find(parameters.get("pipelineName") or parameters.get("name"))
                result = act(pipeline, parameters)
            return json.dumps(checked(model.output_shape, result)) if model.output_shape else ""
        setattr(CodePipelineResponse, xform_name(name), method)
        return act
    return wrap


def find(name):
    pipeline = codepipeline_backends[world.ACCOUNT][world.REGION].pipelines.get(name)
    if not pipeline:
        raise Refused("PipelineNotFoundException", f"Account '{world.ACCOUNT}' does not have a "
                                                   f"pipeline with name '{name}'")
    return pipeline.pipeline


def runs_of(pipeline):
    return RUNS.setdefault(pipeline["name"], Runs())


def stage_names(pipeline):
    return [stage["name"] for stage in pipeline["stages"]]


def stage_of(pipeline, name):
    if name not in stage_names(pipeline):
        raise Refused("StageNotFoundException", f"Pipeline '{pipeline['name']}' does not contain a "
                                                f"stage with name '{name}'")
    return name


def run_of(pipeline, identity):
    for run in runs_of(pipeline).all:
        if run["id"] == identity:
            return run
    raise Refused("PipelineExecutionNotFoundException",
                  f"Unable to find pipeline execution with id '{identity}' for pipeline "
                  f"'{pipeline['name']}'")


def newest_in(pipeline, stage):
    return next((run for run in reversed(runs_of(pipeline).all) if stage in run["stages"]), None)


def announce(pipeline, run, stage=None):
    status = run["stages"][stage] if stage else run["status"]
    detail = {"pipeline": pipeline["name"], "execution-id": run["id"],
              "state": EVENT_STATES[status], "version": float(run["version"]),
              **({"stage": stage} if stage else {})}
    kind = "Stage" if stage else "Pipeline"
    events.emit("aws.codepipeline", f"CodePipeline {kind} Execution State Change", detail,
                [world.arn("codepipeline", pipeline["name"])])


def set_stage(pipeline, run, stage, status):
    run["stages"][stage] = status
    run["updated"] = time.time()
    announce(pipeline, run, stage)


def set_run(pipeline, run, status):
    run["status"] = status
    run["updated"] = time.time()
    announce(pipeline, run)


def start(pipeline, first_stage, kind="STANDARD", revisions=(), trigger="StartPipelineExecution"):
    now = time.time()
    run = {"id": str(uuid.uuid4()), "stages": {}, "kind": kind, "started": now, "updated": now,
           "version": pipeline["version"], "revisions": list(revisions), "trigger": trigger}
    runs_of(pipeline).all.append(run)
    set_run(pipeline, run, "InProgress")
    set_stage(pipeline, run, first_stage, "InProgress")
    return run


def told(asked):
    """Ends a stage of its newest execution, or of the one named, and goes on as AWS would."""
    with LOCK:
        pipeline = find(asked["pipeline"])
        stage = stage_of(pipeline, asked["stage"])
        run = run_of(pipeline, asked["execution"]) if "execution" in asked else \
            newest_in(pipeline, stage)
        if run is None or stage not in run["stages"]:
            raise ValueError(f"no execution has reached stage {stage}")
        status = asked["status"]
        if status not in EVENT_STATES:
            raise ValueError(f"a stage's status is one of {', '.join(EVENT_STATES)}")
        set_stage(pipeline, run, stage, status)
        names = stage_names(pipeline)
        follows = names.index(stage) + 1
        if run["status"] == "Stopping":
            set_run(pipeline, run, "Stopped")
        elif status == "Failed":
            set_run(pipeline, run, status)
        elif status == "Succeeded" and (run["kind"] == "ROLLBACK" or follows == len(names)):
            set_run(pipeline, run, status)
        elif status == "Succeeded" and names[follows] not in runs_of(pipeline).shut:
            set_stage(pipeline, run, names[follows], "InProgress")
        return {"pipelineExecutionId": run["id"], "status": run["status"]}


@operation("StartPipelineExecution")
def start_pipeline_execution(pipeline, asked):
    token = asked.get("clientRequestToken")
    for run in runs_of(pipeline).all:
        if token and run.get("token") == token:
            return {"pipelineExecutionId": run["id"]}
    revisions = [{"actionName": each["actionName"], "revisionId": each["revisionValue"]}
                 for each in asked.get("sourceRevisions", [])]
    run = start(pipeline, stage_names(pipeline)[0], revisions=revisions)
    run["token"] = token
    return {"pipelineExecutionId": run["id"]}


def state_of(pipeline, stage):
    run = newest_in(pipeline, stage["name"])
    why = runs_of(pipeline).shut.get(stage["name"])
    transition = {"enabled": why is None}
    if why is not None:
        transition |= {"disabledReason": why, "lastChangedBy": world.arn("iam", "user/testing")}
    state = {"stageName": stage["name"], "inboundTransitionState": transition, "actionStates": []}
    for action in stage["actions"]:
        each = {"actionName": action["name"]}
        if run:
            status = run["stages"][stage["name"]]
            each["latestExecution"] = {"status": ACTION_STATES.get(status, status),
                                       "lastStatusChange": run["updated"]}
        state["actionStates"].append(each)
    if run:
        state["latestExecution"] = {"pipelineExecutionId": run["id"], "type": run["kind"],
                                    "status": run["stages"][stage["name"]]}
    return state


@operation("GetPipelineState")
def get_pipeline_state(pipeline, _):
    now = time.time()
    return {"pipelineName": pipeline["name"], "pipelineVersion": pipeline["version"],
            "created": now, "updated": now,
            "stageStates": [state_of(pipeline, stage) for stage in pipeline["stages"]]}


@operation("StopPipelineExecution")
def stop_pipeline_execution(pipeline, asked):
    run = run_of(pipeline, asked["pipelineExecutionId"])
    if run["status"] == "Stopping" and not asked.get("abandon"):
        raise Refused("DuplicatedStopRequestException", "The execution is already stopping")
    if run["status"] not in ("InProgress", "Stopping"):
        raise Refused("PipelineExecutionNotStoppableException",
                      f"The pipeline execution '{run['id']}' is in status {run['status']}")
    status = "Stopped" if asked.get("abandon") else "Stopping"
    run["reason"] = asked.get("reason", "")
    for stage, was in list(run["stages"].items()):
        if was in ("InProgress", "Stopping"):
            set_stage(pipeline, run, stage, status)
    set_run(pipeline, run, status)
    return {"pipelineExecutionId": run["id"]}


@operation("RetryStageExecution")
def retry_stage_execution(pipeline, asked):
    stage = stage_of(pipeline, asked["stageName"])
    run = run_of(pipeline, asked["pipelineExecutionId"])
    if newest_in(pipeline, stage) is not run:
        raise Refused("NotLatestPipelineExecutionException",
                      "The execution is not the latest in the stage")
    if run["stages"].get(stage) != "Failed":
        raise Refused("StageNotRetryableException", "The stage has not failed")
    set_run(pipeline, run, "InProgress")
    set_stage(pipeline, run, stage, "InProgress")
    return {"pipelineExecutionId": run["id"]}


@operation("RollbackStage")
def rollback_stage(pipeline, asked):
    stage = stage_of(pipeline, asked["stageName"])
    target = run_of(pipeline, asked["targetPipelineExecutionId"])
    if target["version"] != pipeline["version"]:
        raise Refused("PipelineExecutionOutdatedException",
                      "The pipeline's structure has changed since that execution")
    if (stage == stage_names(pipeline)[0] or pipeline.get("pipelineType") != "V2"
            or target["stages"].get(stage) != "Succeeded" or target["kind"] == "ROLLBACK"):
        raise Refused("UnableToRollbackStageException", "The stage cannot be rolled back to that "
                                                        "execution")
    run = start(pipeline, stage, "ROLLBACK", target["revisions"], "ManualRollback")
    run["target"] = target["id"]
    return {"pipelineExecutionId": run["id"]}


@operation("DisableStageTransition")
def disable_stage_transition(pipeline, asked):
    runs_of(pipeline).shut[stage_of(pipeline, asked["stageName"])] = asked["reason"]


@operation("EnableStageTransition")
def enable_stage_transition(pipeline, asked):
    """Lets the newest execution that waits before the stage go on."""
    stage = stage_of(pipeline, asked["stageName"])
    if runs_of(pipeline).shut.pop(stage, None) is None or stage == stage_names(pipeline)[0]:
        return
    before = stage_names(pipeline)[stage_names(pipeline).index(stage) - 1]
    run = newest_in(pipeline, before)
    if run and run["stages"][before] == "Succeeded" and stage not in run["stages"] \
            and run["status"] == "InProgress":
        set_stage(pipeline, run, stage, "InProgress")


@operation("ListPipelineExecutions")
def list_pipeline_executions(pipeline, asked):
    found = list(reversed(runs_of(pipeline).all))
    if succeeded_in := asked.get("filter", {}).get("succeededInStage", {}).get("stageName"):
        found = [run for run in found if run["stages"].get(succeeded_in) == "Succeeded"]
    first, most = int(asked.get("nextToken") or 0), asked.get("maxResults", 100)
    listed = []
    for run in found[first:first + most]:
        summary = {"pipelineExecutionId": run["id"], "status": run["status"],
                   "startTime": run["started"], "lastUpdateTime": run["updated"],
                   "sourceRevisions": run["revisions"], "executionType": run["kind"],
                   "executionMode": "SUPERSEDED", "trigger": {"triggerType": run["trigger"]}}
        if run.get("reason"):
            summary["stopTrigger"] = {"reason": run["reason"]}
        if run.get("target"):
            summary["rollbackMetadata"] = {"rollbackTargetPipelineExecutionId": run["target"]}
        listed.append(summary)
    answer = {"pipelineExecutionSummaries": listed}
    if first + most < len(found):
        answer["nextToken"] = str(first + most)
    return answer


@operation("GetPipelineExecution")
def get_pipeline_execution(pipeline, asked):
    run = run_of(pipeline, asked["pipelineExecutionId"])
    answer = {"pipelineName": pipeline["name"], "pipelineVersion": run["version"],
              "pipelineExecutionId": run["id"], "status": run["status"],
              "executionType": run["kind"], "executionMode": "SUPERSEDED",
              "artifactRevisions": [{"name": each["actionName"], "revisionId": each["revisionId"]}
                                    for each in run["revisions"]]}
    if run.get("reason"):
        answer["statusSummary"] = run["reason"]
    if run.get("target"):
        answer["rollbackMetadata"] = {"rollbackTargetPipelineExecutionId": run["target"]}
    return {"pipelineExecution": answer}
