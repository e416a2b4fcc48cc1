# SPDX-License-Identifier: Apache-2.0
"""The stage of the end-to-end tests, played by another program: a command on each line of standard
input as a list in JSON, an answer on each line of standard output. It ends with its input.

    ["start"], ["stop"]               the server
    ["deploy", ENV, VERSION]          and what it printed; further arguments are flags
    ["break", ENV, VERSION...]        these fail there from now on
    ["good", ENV...]                  waits until what runs there has baked
    ["settled"]                       waits until nothing is under way
    ["run", ARGUMENT...]              the program itself
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tests/end_to_end"))

import stage as stages  # noqa: E402


def deploy(stage, environment, version, *flags):
    directory = stage.folder / "builds" / version
    if not directory.is_dir():
        stage.build(version)
    done = stage.run("deploy", environment, "--version", version, "--from", directory,
                     "--check-limit", "1500ms", *flags)
    return {"status": done.returncode, "out": done.stdout + done.stderr}


def is_good(stage, environment):
    current = stage.head(environment).get("current")
    rows = stage.query("SELECT document FROM deployments WHERE id = ?", current)
    return bool(rows) and "goodTime" in json.loads(rows[0][0])


def obey(stage, command, *rest):
    if command == "start":
        stage.start_server()
        return {}
    if command == "stop":
        for server in list(stage.servers):
            stage.kill_server(server)
        return {}
    if command == "deploy":
        return deploy(stage, *rest)
    if command == "break":
        stage.break_versions(*rest)
        return {}
    if command == "good":
        for each in rest:
            stages.wait_until(lambda name=each: is_good(stage, name), f"a good {each}")
        return {}
    if command == "settled":
        stage.wait_until_settled()
        return {}
    if command == "run":
        done = stage.run(*rest)
        return {"status": done.returncode, "out": done.stdout + done.stderr}
    raise ValueError(f"there is no {command}")


def main():
    more = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    with stages.Stage(policy=more.get("policy")) as stage:
        extra = more.get("server")
        if extra:
            text = stage.configuration.read_text()
            plain = f'server: {{ listen: "127.0.0.1:{stage.port}" }}'
            stage.configuration.write_text(text.replace(plain, plain[:-2] + f", {extra} }}"))
        if more.get("protect"):
            text = stage.configuration.read_text()
            for name in more["protect"]:
                line = f"  - name: {name}\n"
                text = text.replace(line, line + "    protected: true\n")
            stage.configuration.write_text(text)
        print(json.dumps({"port": stage.port, "folder": str(stage.folder)}), flush=True)
        for line in sys.stdin:
            try:
                answer = obey(stage, *json.loads(line))
            except Exception as error:  # told to who asked, who knows what it was for
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
