// SPDX-License-Identifier: Apache-2.0
// A stage with the real program on it, and a browser that looks at it. Whatever the page complains
// of is collected; a test that expects a complaint takes it out.
import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Browser, type BrowserContext, type Page, chromium } from "playwright-core";

const tree = process.env.STEPBACK_TREE ?? "";
export const pictures = join(tree, "build/ui");

interface Answer {
  error?: string;
  status?: number;
  out?: string;
  port?: number;
}

export class Stage {
  port = 0;
  private readonly waiting: ((answer: Answer) => void)[] = [];

  private constructor(private readonly process: ChildProcessWithoutNullStreams) {}

  static async setUp(more: object): Promise<Stage> {
    const script = join(tree, "web/test/browser/stage.py");
    const stage = new Stage(spawn("python3", ["-B", script, JSON.stringify(more)]));
    stage.process.stderr.on("data", (text) => process.stderr.write(text));
    createInterface({ input: stage.process.stdout }).on("line", (line) =>
      stage.waiting.shift()?.(JSON.parse(line)),
    );
    stage.port = (await stage.answer()).port ?? 0;
    return stage;
  }

  private answer(): Promise<Answer> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  async tell(...command: string[]): Promise<Answer> {
    const answer = this.answer();
    this.process.stdin.write(JSON.stringify(command) + "\n");
    const it = await answer;
    assert.equal(it.error, undefined, `${command.join(" ")}: ${it.error}`);
    return it;
  }

  // A deployment that must succeed.
  async deploy(environment: string, version: string, ...flags: string[]): Promise<void> {
    const done = await this.tell("deploy", environment, version, ...flags);
    assert.equal(done.status, 0, done.out);
  }

  async end(): Promise<void> {
    const over = new Promise((resolve) => this.process.on("exit", resolve));
    this.process.stdin.end();
    await over;
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async ask<T>(path: string): Promise<T> {
    const response = await fetch(`${this.address}/api/v1${path}`);
    return (await response.json()) as T;
  }
}

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export class Eyes {
  readonly complaints: string[] = [];
  private constructor(
    readonly browser: Browser,
    private readonly folder: string,
    readonly address: string,
  ) {}

  static async open(address: string): Promise<Eyes> {
    mkdirSync(pictures, { recursive: true });
    const folder = mkdtempSync(join(tmpdir(), "stepback-browser-"));
    const executablePath = process.env.STEPBACK_CHROMIUM ?? "/usr/bin/chromium";
    const browser = await chromium.launch({
      executablePath,
      args: flags,
      env: { ...process.env, HOME: folder } as Record<string, string>,
    });
    return new Eyes(browser, folder, address);
  }

  async look(
    path: string,
    size: "wide" | "phone" = "wide",
    colorScheme: "light" | "dark" = "light",
  ): Promise<Page> {
    const context = await this.context(size, colorScheme);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on(
      "console",
      (message) =>
        message.type() === "error" && this.complaints.push(`${page.url()}: ${message.text()}`),
    );
    page.on("pageerror", (error) => this.complaints.push(`${page.url()}: ${error.message}`));
    await page.goto(this.address + path);
    await page.waitForSelector("h1", { state: "attached" });
    return page;
  }

  private context(size: "wide" | "phone", colorScheme: "light" | "dark"): Promise<BrowserContext> {
    const viewport = size === "wide" ? { width: 1280, height: 900 } : { width: 360, height: 760 };
    return this.browser.newContext({
      viewport,
      colorScheme,
      hasTouch: size === "phone",
      baseURL: this.address,
    });
  }

  async close(): Promise<void> {
    await this.browser.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function keep(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

const axe = readFileSync(
  createRequire(join(tree, "web/package.json")).resolve("axe-core/axe.min.js"),
  "utf8",
);

interface Finding {
  id: string;
  impact: string;
  help: string;
  nodes: { html: string }[];
}

// What axe finds serious or worse: evaluated from outside, since the page takes no foreign script.
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const run = (
      globalThis as unknown as {
        axe: { run: (options: object) => Promise<{ violations: Finding[] }> };
      }
    ).axe.run;
    return (
      await run({
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      })
    ).violations;
  });
  return found
    .filter((each) => each.impact === "serious" || each.impact === "critical")
    .map((each) => [each.id, each.help, ...each.nodes.map((node) => node.html)].join(": "));
}

// How far the page is wider than its window: nobody scrolls sideways on a phone.
export function overhang(page: Page): Promise<number> {
  return page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
}
