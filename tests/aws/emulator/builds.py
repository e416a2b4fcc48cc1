# SPDX-License-Identifier: Apache-2.0
"""CodeBuild: a build is in progress until the test says how it ended; moto's always succeed.

The end of a build is also an event of aws.codebuild. `always` makes the builds of a project end so
from then on, as soon as they are asked for.
"""

import json
import threading
import time

import events
import world
from moto.codebuild.models import CodeBuildBackend, codebuild_backends
from moto.codebuild.responses import CodeBuildResponse
from moto.core.exceptions import JsonRESTError

LOCK = threading.RLock()
ALWAYS = {}  # project -> status
TOKENS = {}  # idempotency token -> build
ENDS = ("SUCCEEDED", "FAILED", "FAULT", "TIMED_OUT", "STOPPED")
moto_start = CodeBuildBackend.start_build
moto_answer_start = CodeBuildResponse.start_build
moto_answer_get = CodeBuildResponse.batch_get_builds


class NoSuchBuild(JsonRESTError):
    code = 400


@world.on_reset
def forget():
    with LOCK:
        ALWAYS.clear()
        TOKENS.clear()


def backend():
    return codebuild_backends[world.ACCOUNT][world.REGION]


def announce(build):
    events.emit("aws.codebuild", "CodeBuild Build State Change", {
        "build-status": build["buildStatus"], "project-name": build["projectName"],
        "build-id": build["arn"], "current-phase": build["currentPhase"], "version": "1",
        "additional-information": {"build-complete": build["buildComplete"],
                                   "source-version": build.get("sourceVersion", "")}},
        [build["arn"]])


def finish(build, status):
    now = time.time()
    build.update(buildStatus=status, buildComplete=True, currentPhase="COMPLETED", endTime=now)
    build["phases"][-1].update(phaseStatus="SUCCEEDED", endTime=now)
    build["phases"] += [{"phaseType": "BUILD", "phaseStatus": status, "startTime": now,
                         "endTime": now, "durationInSeconds": 1},
                        {"phaseType": "COMPLETED", "startTime": now}]
    announce(build)


def every_build():
    return [build for builds in backend().build_metadata_history.values() for build in builds]


def told(asked):
    """Ends the build with this id, or the newest of a project."""
    status = asked["status"]
    if status not in ENDS:
        raise ValueError(f"a build ends as one of {', '.join(ENDS)}")
    with LOCK:
        if asked.get("always"):
            ALWAYS[asked["project"]] = status
            return {}
        found = [build for build in every_build()
                 if asked.get("id", build["id"]) in (build["id"], build["arn"])
                 and asked.get("project", build["projectName"]) == build["projectName"]]
        if not found:
            raise ValueError("there is no such build")
        if not found[-1]["buildComplete"]:
            finish(found[-1], status)
        return {"id": found[-1]["id"], "buildStatus": found[-1]["buildStatus"]}


def start_build(self, project_name, source_version=None, artifact_override=None):
    build = moto_start(self, project_name, source_version, artifact_override)
    now = time.time()
    build["startTime"] = now
    for phase in build["phases"]:
        phase["startTime"] = now
        if "endTime" in phase:
            phase["endTime"] = now
    announce(build)
    return build


def answer_start(self):
    """The same token is the same build; what is overridden shows in the build."""
    token = self._get_param("idempotencyToken")
    with LOCK:
        if token in TOKENS:
            return json.dumps({"build": TOKENS[token]})
        identity = json.loads(moto_answer_start(self))["build"]["id"]
        build = next(each for each in every_build() if each["id"] == identity)
        build["environment"]["environmentVariables"] = \
            self._get_param("environmentVariablesOverride") or []
        if spec := self._get_param("buildspecOverride"):
            build["source"]["buildspec"] = spec
        if token:
            TOKENS[token] = build
        return json.dumps({"build": build})


def batch_get_builds(self, ids):
    with LOCK:
        found = [build for build in every_build() if build["id"] in ids or build["arn"] in ids]
        for build in found:
            if not build["buildComplete"] and build["projectName"] in ALWAYS:
                finish(build, ALWAYS[build["projectName"]])
        return found


def answer_get(self):
    answer = json.loads(moto_answer_get(self))
    known = {build[name] for build in answer["builds"] for name in ("id", "arn")}
    return json.dumps({**answer, "buildsNotFound": [
        each for each in self._get_param("ids") if each not in known]})


def stop_build(self, build_id):
    with LOCK:
        for build in every_build():
            if build_id in (build["id"], build["arn"]):
                if not build["buildComplete"]:
                    finish(build, "STOPPED")
                return build
    raise NoSuchBuild("ResourceNotFoundException", f"Build {build_id} does not exist")


CodeBuildBackend.start_build = start_build
CodeBuildBackend.batch_get_builds = batch_get_builds
CodeBuildBackend.stop_build = stop_build
CodeBuildResponse.start_build = answer_start
CodeBuildResponse.batch_get_builds = answer_get
