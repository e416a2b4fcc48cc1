// SPDX-License-Identifier: Apache-2.0
// Every page of the real program, in a real browser: before anything was deployed, in peace, while
// a rollback runs, and when the server is gone. The tests stand in the order of one story.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import type { Page } from "playwright-core";
import type { Rollbacks } from "../../src/api/types";
import { Eyes, Stage, barriers, keep, overhang } from "./stage";

let stage: Stage;
let eyes: Eyes;

before(async () => {
  stage = await Stage.setUp({ policy: { settle: "2s" }, protect: ["production"] });
  await stage.tell("start");
  eyes = await Eyes.open(stage.address);
});
after(async () => {
  await eyes?.close();
  await stage?.end();
});
// Whatever a page complained of, a script that failed or the policy that refused one.
afterEach(() => {
  const complaints = eyes.complaints.splice(0);
  assert.deepEqual(complaints, []);
});

const rollbacks = async () => (await stage.ask<Rollbacks>("/rollbacks")).items;
const text = (page: Page, selector: string) => page.locator(selector).first().innerText();

test("a service to which nothing was deployed says so, and how to begin", async () => {
  const page = await eyes.look("/");
  await page.getByText("Nothing was deployed yet").waitFor();
  await keep(page, "now-empty");
  await page.context().close();
});

test("the matrix shows what runs where, and where it could go back to", async () => {
  for (const version of ["v1", "v2"]) {
    for (const each of ["test", "staging", "production"]) await stage.deploy(each, version);
    await stage.tell("good", "test", "staging", "production");
  }
  const page = await eyes.look("/");
  await page.locator("table.matrix").getByText("runs").first().waitFor();
  const matrix = await text(page, "table.matrix");
  for (const each of ["test", "staging", "production", "v1", "v2", "healthy", "target"]) {
    assert.match(matrix, new RegExp(each));
  }
  assert.equal(await page.title(), "✔ stage – Stepback");
  await page.context().close();
});

test("the page can be used within 300 ms", async () => {
  const page = await eyes.look("/");
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    await page.reload();
    await page.locator("table.matrix").waitFor();
    times.push(await page.evaluate(() => performance.getEntriesByName("usable")[0]!.startTime));
  }
  assert.ok(Math.min(...times) <= 300, `it took ${times.map(Math.round).join(", ")} ms`);
  await page.context().close();
});

test("by keyboard alone one comes from the first page to a rollback that is verified", async () => {
  const page = await eyes.look("/");
  await page.locator("table.matrix").getByText("runs").first().waitFor();
  await page.keyboard.press("?");
  await page.getByText("plan a rollback of test").waitFor();
  await keep(page, "keyboard");
  await page.keyboard.press("Escape");
  await page.keyboard.press("p");
  await page.keyboard.press("1");
  await page.getByRole("heading", { name: /Roll back test/ }).waitFor();
  assert.equal(await page.title(), "Plan for test – Stepback");
  await page.getByText("What exactly would happen").waitFor();
  assert.ok(await page.evaluate(() => document.activeElement?.tagName === "H1"));
  await tabTo(page, 'input[name="reason"]');
  await page.keyboard.type("it was too slow");
  assert.match(await text(page, "[aria-label=Confirm] code"), /--reason 'it was too slow'/);
  await keep(page, "plan");
  await tabTo(page, "button.danger");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/rollbacks\/rb-/);

  // It goes on by itself from here on: nobody loads anything.
  await page.locator('[data-step="settle"][data-state="running"]').waitFor();
  assert.match(await page.title(), /^◌ test rolling back/);
  await keep(page, "rollback-running");
  await page.locator('[data-step="check"][data-state="done"]').waitFor();
  await page.getByRole("heading", { name: /test rolled back/ }).waitFor();
  assert.match(await page.title(), /^✔ test/);
  assert.match(await text(page, "[data-exclaimed]"), /rolled back to v1 and verified/);
  assert.match(await text(page, "main"), /it was too slow/);
  await page.locator(".story li").nth(3).waitFor();
  await keep(page, "rollback-done");
  assert.equal((await rollbacks()).length, 1);
  await page.context().close();
});

test("a double click starts one rollback", async () => {
  const page = await eyes.look("/plan/staging");
  await page.locator('input[name="reason"]').fill("pressed twice");
  await page.locator('button.danger[aria-disabled="false"]').dblclick();
  await page.waitForURL(/\/rollbacks\/rb-/);
  await stage.tell("settled");
  assert.equal((await rollbacks()).filter((each) => each.environment === "staging").length, 1);
  await page.context().close();
});

test("where the world moved, nothing is done and the new plan is shown", async () => {
  await stage.deploy("test", "v3");
  await stage.tell("good", "test");
  const page = await eyes.look("/plan/test");
  await page.locator('input[name="reason"]').fill("too late");
  await stage.deploy("test", "v4");
  const before = (await rollbacks()).length;
  await page.locator('button.danger[aria-disabled="false"]').click();
  await page.getByText("The world moved").waitFor();
  eyes.complaints.splice(0); // the browser tells of the 409
  assert.match(await text(page, "h1"), /v4/);
  assert.equal(await page.locator('input[name="reason"]').inputValue(), "too late");
  assert.equal((await rollbacks()).length, before);
  await keep(page, "plan-moved");
  await page.context().close();
});

test("a severe wish is told with what it may cost, and wants a typed name", async () => {
  const page = await eyes.look("/plan/production?data-risk=accepted");
  await page.getByText("This is severe").waitFor();
  await page.locator('input[name="reason"]').fill("we know");
  const button = page.locator("button.danger");
  assert.equal(await button.getAttribute("aria-disabled"), "true");
  await page.locator('input[name="confirm"]').fill("productio");
  assert.equal(await button.getAttribute("aria-disabled"), "true");
  await page.locator('input[name="confirm"]').fill("production");
  assert.equal(await button.getAttribute("aria-disabled"), "false");
  await keep(page, "plan-severe");
  await page.context().close();
});

test("a rollback that begins by itself appears where one is", async () => {
  const page = await eyes.look("/");
  await page.locator("table.matrix").getByText("runs").first().waitFor();
  await stage.deploy("production", "v3");
  await stage.tell("break", "production", "v3");
  await page.locator(".strip").getByText("production").waitFor();
  await page.locator("table.matrix").getByText("rolling back to this").waitFor();
  await keep(page, "now-rolling-back");
  await page.keyboard.press("w");
  await page.getByRole("heading", { name: /production/ }).waitFor();
  await page.getByRole("heading", { name: /production rolled back/ }).waitFor();
  assert.match(await text(page, "main"), /cause/);
  assert.match(await text(page, "main"), /kiro-worker-production-health/);
  await page.context().close();
  await stage.tell("settled");
});

test("a hold can be let go, with a reason", async () => {
  const page = await eyes.look("/");
  await page.locator("table.matrix").getByText("held").first().waitFor();
  await page.getByRole("button", { name: "Release…" }).first().click();
  await page.locator('dialog input[name="reason"]').fill("mended");
  assert.match(
    await text(page, "dialog code"),
    /^stepback hold release \w+ --version \w+ --reason mended$/,
  );
  await keep(page, "hold-release");
  const held = await page.getByRole("button", { name: "Release…" }).count();
  await page.getByRole("button", { name: "Let it in" }).click();
  await page.waitForFunction(
    (n) => document.querySelectorAll("table.matrix .held").length < n,
    held,
  );
  await page.context().close();
});

const pages: [name: string, path: () => Promise<string> | string, seen: RegExp][] = [
  ["now", () => "/", /runs/],
  ["rollback", async () => `/rollbacks/${(await rollbacks())[0]!.id}`, /What happened/],
  ["plan", () => "/plan/production", /What exactly would happen/],
  ["history", () => "/history", /it was too slow/],
  ["alarms", () => "/alarms", /kiro-worker-production-health[\s\S]*What arrived/],
  ["ready", () => "/ready", /could be rolled back now|not known|could not be rolled back/],
  ["drills", () => "/drills", /Who is rehearsed[\s\S]*production[\s\S]*protected/],
  ["measures", () => "/measures", /Time to restore[\s\S]*Where the time goes/],
  ["doctor", () => "/doctor", /check/],
];

for (const [name, path, seen] of pages) {
  test(`${name} shows what is, to everybody, on a phone and a desk, by day and night`, async () => {
    const at = await path();
    for (const size of ["wide", "phone"] as const) {
      const page = await eyes.look(at, size);
      await page.waitForFunction(
        (source) => new RegExp(source).test(document.querySelector("main")!.innerText),
        seen.source,
      );
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.locator(`html[data-theme="${colorScheme}"]`).waitFor({ state: "attached" });
        assert.deepEqual(await barriers(page), [], `${name}, ${size}, ${colorScheme}`);
        await keep(page, `${name}-${size}-${colorScheme}`);
      }
      assert.equal(await overhang(page), 0, `${name} is wider than its window (${size})`);
      await page.context().close();
    }
  });
}

test("the filters of the history stand in its address, and it can be taken away", async () => {
  const page = await eyes.look("/history");
  const rows = page.locator("tbody tr");
  await rows.first().waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("too slow");
  await page.waitForURL(/text=too\+slow/);
  const isFiltered = () =>
    [...document.querySelectorAll("tbody tr")].every((each) => /too slow/.test(each.textContent!));
  await page.waitForFunction(isFiltered);
  await page.reload();
  await rows.first().waitFor();
  assert.ok(await page.evaluate(isFiltered));
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export CSV" }).click(),
  ]);
  assert.equal(file.suggestedFilename(), "stepback-history.csv");
  await page.context().close();
});

test("readiness is looked at again when somebody asks", async () => {
  const page = await eyes.look("/ready");
  await page.getByRole("button", { name: "Look again" }).click();
  const test = page.locator('section[aria-label="test"]');
  await test.getByText("nothing is recorded as live here").waitFor({ state: "detached" });
  await keep(page, "ready-looked-again");
  await page.context().close();
});

test("a picture has its numbers as a table behind a button", async () => {
  const page = await eyes.look("/measures");
  await page.getByRole("button", { name: "Show as a table" }).first().click();
  await page.locator("figure table").waitFor();
  await page.context().close();
});

test("a server that is gone is told, nothing can be done until it comes back", async () => {
  const page = await eyes.look("/plan/test");
  await page.locator('input[name="reason"]').fill("before it went");
  assert.equal(await page.locator("button.danger").getAttribute("aria-disabled"), "false");
  await stage.tell("stop");
  await page.getByText(/Stale since/).waitFor();
  assert.equal(await page.locator("button.danger").getAttribute("aria-disabled"), "true");
  assert.match(await text(page, "[aria-label=Confirm] .why"), /old/);
  await keep(page, "stale");
  await stage.tell("start");
  await page.locator('[data-freshness="live"]').waitFor();
  assert.equal(await page.locator("button.danger").getAttribute("aria-disabled"), "false");
  eyes.complaints.splice(0); // of refused connections
  await page.context().close();
});

test("nothing comes from elsewhere and no script stands in the page", async () => {
  const response = await fetch(`${stage.address}/`);
  const policy = response.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'self'/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.doesNotMatch(await response.text(), /<script(?![^>]*\ssrc="\/assets\/)/);
});

// Presses Tab until that has the focus, as somebody without a mouse does.
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((it) => document.activeElement?.matches(it) ?? false, selector)) return;
  }
  assert.fail(`60 presses of Tab do not lead to ${selector}`);
}
