// SPDX-License-Identifier: Apache-2.0
// A server that wants to know who is there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Eyes, Stage, barriers, keep } from "./stage";

let stage: Stage;
let eyes: Eyes;
let token = "";

before(async () => {
  stage = await Stage.setUp({});
  await stage.tell("start");
  const added = await stage.tell("run", "token", "add", "alice", "--role", "viewer");
  assert.equal(added.status, 0, added.out);
  token = added.out!.split("\n")[0]!;
  await stage.deploy("test", "v1");
  await stage.tell("good", "test");
  await stage.deploy("test", "v2");
  eyes = await Eyes.open(stage.address);
});
after(async () => {
  await eyes?.close();
  await stage?.end();
});

test("nobody gets in without a token, and a viewer looks and does not act", async () => {
  const page = await eyes.look("/plan/test", "phone", "dark");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.deepEqual(await barriers(page), []);
  await keep(page, "sign-in");
  assert.deepEqual(eyes.complaints.splice(0), []);

  await page.getByLabel("Your token").fill("made-up");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  eyes.complaints.splice(0); // the browser tells of the 401
  await keep(page, "sign-in-refused");

  await page.getByLabel("Your token").fill(token);
  await page.keyboard.press("Enter");
  await page.getByText("What exactly would happen").waitFor();
  await page.locator('input[name="reason"]').fill("let me");
  const why = page.locator("[aria-label=Confirm] .why");
  assert.match(await why.innerText(), /alice may look, not act/);
  await page.locator("button.danger").click({ force: true });
  assert.match(page.url(), /\/plan\/test$/);

  await page.setViewportSize({ width: 1280, height: 900 });
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  // What was being asked when the session ended is refused, and the browser tells of that too.
  const others = eyes.complaints.splice(0).filter((each) => !each.includes("status of 401"));
  assert.deepEqual(others, []);
  await page.context().close();
});
