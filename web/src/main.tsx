// SPDX-License-Identifier: Apache-2.0
// The dashboard's beginning: who is this, what is the page, and from then on what the stream says.
import { signal } from "@preact/signals";
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { Problem, readSession, session, unreachable } from "./api/client";
import { Frame } from "./frame";
import { KeysHelp, startKeys } from "./keys";
import { startClock } from "./live/clock";
import { follow, unfollow } from "./live/live";
import { refreshAll } from "./live/resource";
import { AlarmsPage } from "./pages/alarms";
import { DoctorPage } from "./pages/doctor";
import { DrillsPage } from "./pages/drills";
import { HistoryPage } from "./pages/history";
import { MeasuresPage } from "./pages/measures";
import { NowPage } from "./pages/now";
import { PlanPage } from "./pages/plan";
import { ReadyPage } from "./pages/ready";
import { RollbackPage } from "./pages/rollback";
import { SignInPage } from "./pages/sign_in";
import { Empty, PageHead, Trouble, useTitle } from "./parts/small";
import { path, startRouter, within } from "./router";
import "./theme";

function NotFound() {
  useTitle("No such page");
  return (
    <>
      <PageHead title="There is no such page" />
      <Empty title="Perhaps it was a rollback that is not kept any more">
        <a href="/history">Look into the history</a>
      </Empty>
    </>
  );
}

function Page() {
  const rollback = within("/rollbacks/");
  if (rollback) return <RollbackPage key={rollback} id={rollback} />;
  const planned = within("/plan/");
  if (planned) return <PlanPage key={planned} environment={planned} />;
  switch (path.value) {
    case "/":
      return <NowPage />;
    case "/history":
      return <HistoryPage />;
    case "/alarms":
      return <AlarmsPage />;
    case "/ready":
      return <ReadyPage />;
    case "/drills":
      return <DrillsPage />;
    case "/measures":
      return <MeasuresPage />;
    case "/doctor":
      return <DoctorPage />;
    default:
      return <NotFound />;
  }
}

const trouble = signal<Problem | undefined>(undefined);

async function begin(): Promise<void> {
  try {
    await readSession();
    trouble.value = undefined;
  } catch (error) {
    trouble.value = error instanceof Problem ? error : unreachable;
  }
}

// What changes without anybody writing a record, like an alarm's state, is asked for at times.
const lookEvery = 10_000;
function lookAgain(): void {
  if (!document.hidden) refreshAll("/environments", "/alarms", "/readiness");
}

function App() {
  const mayRead = session.value?.may.read ?? false;
  useEffect(() => {
    if (!mayRead) return;
    follow();
    const timer = setInterval(lookAgain, lookEvery);
    return () => {
      clearInterval(timer);
      unfollow();
    };
  }, [mayRead]);
  if (trouble.value && !session.value) {
    return (
      <main>
        <PageHead title="Stepback" />
        <Trouble problem={trouble.value} again={() => void begin()} />
      </main>
    );
  }
  if (!session.value) return null;
  if (!mayRead) return <SignInPage />;
  return (
    <>
      <Frame>
        <Page />
      </Frame>
      <KeysHelp />
    </>
  );
}

startClock();
startRouter();
startKeys();
void begin();
render(<App />, document.getElementById("app")!);
