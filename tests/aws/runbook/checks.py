# SPDX-License-Identifier: Apache-2.0
"""What each command of the runbook should show or do: one check for each number.

A check is given what was seen (runbook.Seen) and says what is wrong, or nothing. LOOKING commands
are run before and after the rollback. ACTING ones change the world, so they are run after it, one
by one: `prepare` makes what the command acts on, and gives the variables that it needs.
"""

import json
import re

import scene as stage
from runbook import Seen

LOOKING = {}
ACTING = {}


def looks(*numbers):
    def register(check):
        for number in numbers:
            LOOKING[number] = check
        return check
    return register


def acts(*numbers, prepare=lambda scene: {}):
    def register(check):
        for number in numbers:
            ACTING[number] = (prepare, check)
        return check
    return register


def differ(what, seen, wanted):
    return "" if seen == wanted else f"{what} {seen!r}, not {wanted!r}"


def lacks(text, *wanted):
    missing = [each for each in wanted if each not in text]
    return f"it does not show {', '.join(missing)}" if missing else ""


def newest(seen, most):
    return [each["deploymentId"]["S"] for each in seen.scene.newest()[:most]]


def ids(items):
    return [each["deploymentId"]["S"] for each in items]


# ---- deployments ----

@looks(1)
def the_newest_deployment(seen: Seen):
    item = seen.json()["Items"][0]
    wrong = differ("the deployment is", item["deploymentId"]["S"], newest(seen, 1)[0])
    if wrong or not seen.after:
        return wrong or differ("it is", item["deploymentId"]["S"], seen.scene.failed_id())
    if item["deploymentId"]["S"] == seen.scene.failed_id():
        return "the rollback has no record of its own"
    return differ("its version is", item["version"]["S"], seen.scene.target) or \
        differ("its status is", item["status"]["S"], "succeeded")


@looks(30, 37)
def the_newest_deployments(seen: Seen):
    shown = ids(seen.json()["Items"])
    return differ("the deployments are", shown, newest(seen, max(3, len(shown)))[:len(shown)]) or \
        lacks(seen.output, seen.scene.failed_id())


@looks(42)
def the_newest_deployments_as_a_table(seen: Seen):
    wanted = newest(seen, 10)
    shown = [each for line in seen.output.splitlines() for each in wanted
             if re.search(rf"\b{re.escape(each)}\b", line)]
    return differ("the deployments are", shown, wanted)


@looks(45)
def the_newest_deployment_as_a_table(seen: Seen):
    return lacks(seen.output, newest(seen, 1)[0],
                 seen.scene.target if seen.after else seen.scene.failed_version(),
                 "succeeded" if seen.after else "in_progress")


@looks(4)
def the_version_to_go_back_to(seen: Seen):
    item = seen.json()["Items"][0]
    return differ("its version is", item["version"]["S"], seen.scene.target) or \
        differ("its status is", item["status"]["S"], "succeeded")


@looks(59)
def the_deployments_that_succeeded(seen: Seen):
    wanted = [each for each in seen.scene.newest() if each["status"]["S"] == "succeeded"][:5]
    return differ("the deployments are", ids(seen.json()["Items"]), ids(wanted))


@looks(29)
def the_failed_deployment(seen: Seen):
    item = seen.json()["Item"]
    wrong = differ("its version is", item["version"]["S"], seen.scene.failed_version())
    return wrong or differ("its status is", item["status"]["S"],
                           "rolled_back" if seen.after else "in_progress")


@looks(19)
def how_it_was_rolled_back(seen: Seen):
    if not seen.after:
        return lacks(seen.output, "in_progress", seen.scene.failed_version())
    record = seen.scene.record()
    return lacks(seen.output, "rolled_back", record["rollbackLevel"]["S"]) or \
        lacks("".join(seen.output.split()), "".join(record["rollbackReason"]["S"].split())[:30])


@looks(7)
def whether_infrastructure_changed(seen: Seen):
    return differ("it prints", seen.text(), "true")


@looks(40)
def where_the_artifacts_are(seen: Seen):
    return differ("it is", seen.json(), seen.scene.record()["artifactLocation"]["S"])


@looks(43)
def deployments_in_progress(seen: Seen):
    return differ("they are", ids(seen.json()["Items"]),
                  [] if seen.after else [seen.scene.failed_id()])


@looks(48)
def rollbacks_of_the_past_days(seen: Seen):
    if not seen.after:
        return differ("it shows", seen.scene.failed_id() in seen.output, False)
    record = seen.scene.record()
    return lacks(seen.output, seen.scene.failed_id(), seen.scene.failed_version(),
                 record["rollbackReason"]["S"], record["rollbackTime"]["N"])


@acts(14)
def the_record_is_rolled_back(seen: Seen):
    record = seen.scene.record()
    return differ("the status is", record["status"]["S"], "rolled_back") or \
        differ("the level is", record["rollbackLevel"]["S"], "manual") or \
        lacks(record["rollbackReason"]["S"], seen.scene.target) or \
        differ("the times are", record["rollbackTime"], record["endTime"])


@acts(44)
def the_record_is_failed(seen: Seen):
    record = seen.scene.record()
    return differ("the status is", record["status"]["S"], "failed") or \
        differ("endTime is a number", record["endTime"]["N"].isdigit(), True)


# ---- the pipeline and its builds ----

@looks(2, 31)
def every_stage(seen: Seen):
    stages = {each["stageName"]: each["latestExecution"]["status"]
              for each in seen.json()["stageStates"]}
    return differ("the stages are", stages, {
        "Source": "Succeeded", "Build": "Succeeded",
        "Deploy": "Stopped" if seen.after else "InProgress"})


@looks(16, 56)
def every_stage_as_a_table(seen: Seen):
    return lacks(seen.output, "Source", "Build", "Deploy", "Succeeded",
                 "Stopped" if seen.after else "InProgress") or \
        (differ("it is running", "InProgress" in seen.output, False) if seen.after else "")


@looks(5, 33)
def the_run_in_progress(seen: Seen):
    return differ("it is", seen.text(), "None" if seen.after else seen.scene.run)


def a_new_run(scene):
    scene.run = scene.start_run()
    return {"EXECUTION_ID": scene.run, "EXEC_ID": scene.run}


@acts(6, 34, 46, 58, prepare=a_new_run)
def the_run_is_stopped(seen: Seen):
    return differ("the execution is", seen.scene.run_status(seen.scene.run), "Stopped")


@acts(10)
def a_build_of_the_target(seen: Seen):
    build = seen.json()["build"]
    return differ("it builds", build["sourceVersion"], seen.scene.target) or \
        differ("it is", build["buildStatus"], "IN_PROGRESS")


@looks(54)
def the_log_of_the_build(seen: Seen):
    return lacks(json.dumps(seen.file("test-logs.txt")), "deepLink", "cloudWatchLogsArn")


# ---- artifacts ----

@looks(3)
def the_published_files(seen: Seen):
    shown = [line.split()[-1] for line in seen.text().splitlines()]
    version = seen.scene.target if seen.after else stage.BAD
    return differ("the files are", sorted(shown), sorted([*stage.files_of(version), stage.POINTER]))


@looks(13)
def the_published_version(seen: Seen):
    return differ("it is", seen.text(), seen.scene.target if seen.after else stage.BAD)


@looks(38)
def the_artifacts_of_the_target(seen: Seen):
    target = seen.scene.target
    return lacks(seen.output, *(f"{target}/{name}" for name in stage.files_of(target)))


@looks(39)
def how_long_artifacts_are_kept(seen: Seen):
    return differ("they are kept for", seen.json()["Rules"][0]["Expiration"]["Days"], 90)


@acts(8)
def the_files_are_here(seen: Seen):
    folder = seen.folder / "rollback-artifacts"
    found = {str(path.relative_to(folder)): path.read_bytes()
             for path in folder.rglob("*") if path.is_file()}
    return differ("the files are", found, stage.files_of(seen.scene.target))


def the_bad_version_is_published(scene):
    scene.publish_bad()
    return {}


@acts(9, 47, prepare=the_bad_version_is_published)
def the_target_is_published(seen: Seen):
    wanted = seen.scene.contents(stage.ARTIFACTS, seen.scene.target + "/")
    found = seen.scene.contents(stage.WORKER)
    found.pop(stage.POINTER, None)
    stale = [name for name in wanted if found.get(name) != wanted[name]]
    extra = sorted(set(found) - set(wanted))
    return (f"{', '.join(stale)} is still the bad version's" if stale else "") or \
        (f"{', '.join(extra)} is left over" if extra else "") or \
        differ("the published version is", seen.scene.published(), seen.scene.target)


@acts(41)
def the_rebuilt_artifacts_are_there(seen: Seen):
    return lacks(seen.scene.contents(stage.ARTIFACTS, seen.scene.target + "/"), "rebuilt.js")


@acts(60)
def the_rebuilt_files_are_published(seen: Seen):
    return lacks(seen.scene.contents(stage.WORKER), "rebuilt.js")


# ---- alarms, metrics, events ----

@looks(11, 32, 62)
def the_alarms(seen: Seen):
    return differ("they are", [each["AlarmName"] for each in seen.json()["MetricAlarms"]],
                  [] if seen.after else [stage.ALARM])


@looks(12, 57)
def how_many_alarms(seen: Seen):
    return differ("they are", seen.text(), "0" if seen.after else "1")


@looks(17)
def every_alarm(seen: Seen):
    names = [f"{stage.PIPELINE}-{name}" for name in stage.resources.PIPELINE_ALARMS]
    return lacks(seen.output, *names) or differ(
        "one is in ALARM", re.search(r"\|\s+ALARM\s+\|", seen.output) is not None, not seen.after)


@looks(35)
def why_alarms_went_off(seen: Seen):
    if seen.after:
        return differ("it shows", seen.text(), "")
    return lacks(seen.output, stage.ALARM, "the scene wants ALARM")


@looks(55)
def what_the_alarm_did(seen: Seen):
    summaries = [each["HistorySummary"] for each in
                 seen.file("alarm-history.txt")["AlarmHistoryItems"]]
    wanted = "Alarm updated from ALARM to OK" if seen.after else "Alarm updated from OK to ALARM"
    return differ("the newest change is", summaries[0], wanted)


@looks(20, 21)
def the_metric(seen: Seen):
    points = seen.json()["Datapoints"]
    if not seen.after:
        is_there = "DeploymentDuration" in seen.json()["Label"] and \
            seen.scene.deployments_were_counted
        return differ("there are some", bool(points), is_there)
    return "" if points and sum(each.get("Sum", each.get("Average", 0)) for each in points) > 0 \
        else "there is no datapoint"


@looks(49)
def when_there_were_rollbacks(seen: Seen):
    shown = re.search(r"\d{4}-\d\d-\d\dT.*\|\s+[1-9]", seen.output) is not None
    return differ("it shows a rollback", shown, seen.after)


@looks(23)
def the_rule(seen: Seen):
    rule = seen.json()
    return differ("it is", rule["State"], "ENABLED") or \
        lacks(rule["EventPattern"], "aws.cloudwatch", "kiro-pipeline-")


@looks(25)
def what_the_rule_calls(seen: Seen):
    return lacks(seen.output, f":function:{stage.PIPELINE}-rollback")


@looks(22)
def who_is_told(seen: Seen):
    return lacks(json.dumps([each["Endpoint"] for each in seen.json()["Subscriptions"]]), "@")


def nothing_was_heard(scene):
    scene.heard()
    return {}


@acts(15, prepare=nothing_was_heard)
def the_message_is_heard(seen: Seen):
    heard = [each for each in seen.scene.heard()
             if each["Subject"] == f"Manual Rollback Completed - {stage.ENVIRONMENT}"]
    if not heard:
        return "no such message was heard"
    message = json.loads(heard[0]["Message"])
    return differ("its keys are", sorted(message), sorted([
        "event", "environment", "currentVersion", "targetVersion", "deploymentId", "timestamp",
        "operator", "validationStatus"])) or differ("its target is", message["targetVersion"],
                                                    seen.scene.target)


# ---- functions and logs ----

@looks(24)
def the_function(seen: Seen):
    return differ("it is", seen.json()["Configuration"]["FunctionName"],
                  f"{stage.PIPELINE}-rollback")


def an_event_in_a_file(scene):
    return {"EVENT": json.dumps(stage.EVENT)}


@acts(27, 50, 63, prepare=an_event_in_a_file)
def the_function_takes_the_event(seen: Seen):
    answer = seen.json()
    return differ("the status is", answer["StatusCode"], 200) or \
        differ("the error is", answer.get("FunctionError"), None) or \
        differ("response.json is there", (seen.folder / "response.json").exists(), True)


def new_code(scene):
    scene.aws["s3"].put_object(Bucket=stage.WORKER, Key="lambda-package.zip",
                               Body=stage.zipped(stage.BOOTSTRAP + "# rebuilt\n"))
    scene.code = scene.aws["lambda"].get_function(
        FunctionName=f"kiro-worker-{stage.ENVIRONMENT}-poller")["Configuration"]["CodeSha256"]
    return {}


@acts(61, prepare=new_code)
def the_function_has_new_code(seen: Seen):
    return "the code is the old one" if seen.json()["CodeSha256"] == seen.scene.code else ""


@looks(18, 36)
def the_workers_log(seen: Seen):
    return lacks(seen.output, "INFO polling", "INFO build 17 started")


@looks(26, 51)
def the_rollback_functions_log(seen: Seen):
    return lacks(seen.output, "INFO ready", "ERROR CodePipeline was throttled")


@looks(28)
def the_rollback_functions_errors(seen: Seen):
    messages = [each["message"] for each in seen.json()["events"]]
    return lacks(messages, "ERROR CodePipeline was throttled") or \
        differ("others are shown", "INFO ready" in messages, False)


@looks(52)
def the_rollback_functions_errors_as_text(seen: Seen):
    return lacks(seen.output, "ERROR CodePipeline was throttled")


@looks(53)
def the_pipelines_log(seen: Seen):
    return lacks(json.dumps(seen.file("deployment-logs.txt")["events"]), f"Deploy of {stage.BAD}")
