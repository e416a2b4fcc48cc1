// SPDX-License-Identifier: Apache-2.0
// The server's documents by their names. What they look like is made of the
// server's own description of its API (npm run types).
import type { components } from "../../../build/web/contract";

type Schemas = components["schemas"];
export type Accepted = Schemas["Accepted"];
export type Alarm = Schemas["Alarm"];
export type Alarms = Schemas["Alarms"];
export type Candidate = Schemas["Candidate"];
export type Check = Schemas["Check"];
export type Deployment = Schemas["Deployment"];
export type Deployments = Schemas["Deployments"];
export type Diagnosis = Schemas["Diagnosis"];
export type DrillRecord = Schemas["DrillRecord"];
export type Drills = Schemas["Drills"];
export type Environment = Schemas["Environment"];
export type Explanation = Schemas["Explanation"];
export type Hold = Schemas["Hold"];
export type JournalEntry = Schemas["JournalEntry"];
export type Lane = Schemas["Lane"];
export type Measures = Schemas["Measures"];
export type NoticeEvent = Schemas["NoticeEvent"];
export type Plan = Schemas["Plan"];
export type PlanWish = Schemas["PlanWish"];
export type Progress = Schemas["Progress"];
export type ProblemDocument = Schemas["Problem"];
export type Readiness = Schemas["Readiness"];
export type Ready = Schemas["Ready"];
export type Rollback = Schemas["Rollback"];
export type RollbackOrder = Schemas["RollbackOrder"];
export type Rollbacks = Schemas["Rollbacks"];
export type Run = Schemas["Run"];
export type Session = Schemas["Session"];
export type Spread = Schemas["Spread"];
export type Status = Schemas["Status"];
export type Step = Schemas["Step"];
export type Symptom = Schemas["Symptom"];
export type Target = Schemas["Target"];
export type Targets = Schemas["Targets"];
export type TriggerRecord = Schemas["TriggerRecord"];
export type Triggers = Schemas["Triggers"];
