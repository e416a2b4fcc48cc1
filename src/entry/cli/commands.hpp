// SPDX-License-Identifier: Apache-2.0
#pragma once

// What each command does: one function for each kind of options, so that a command without one
// does not compile. Each asks the engine, and prints; none decides anything about a rollback. One
// thread.

#include "entry/cli/session.hpp"

namespace stepback::cli {

// Reading.
Answered<> perform(const StatusOptions& options, Session& session);
Answered<> perform(const TargetsOptions& options, Session& session);
Answered<> perform(const WatchOptions& options, Session& session);
Answered<> perform(const VerifyOptions& options, Session& session);
Answered<> perform(const ReadyOptions& options, Session& session);
Answered<> perform(const HistoryOptions& options, Session& session);
Answered<> perform(const ShowOptions& options, Session& session);
Answered<> perform(const ExplainOptions& options, Session& session);
Answered<> perform(const AlarmsOptions& options, Session& session);
Answered<> perform(const HealthOptions& options, Session& session);

// Acting.
Answered<> perform(const RollbackOptions& options, Session& session);
Answered<> undo(const RollbackOptions& options, Session& session);  // rollback --undo
Answered<> perform(const PlanOptions& options, Session& session);
Answered<> perform(const ApplyOptions& options, Session& session);
Answered<> perform(const CancelOptions& options, Session& session);
Answered<> perform(const HoldListOptions& options, Session& session);
Answered<> perform(const HoldAddOptions& options, Session& session);
Answered<> perform(const HoldReleaseOptions& options, Session& session);
Answered<> perform(const OverrideAddOptions& options, Session& session);
Answered<> perform(const OverrideListOptions& options, Session& session);
Answered<> perform(const OverrideRemoveOptions& options, Session& session);
Answered<> perform(const EmergencyOptions& options, Session& session);
Answered<> perform(const BacktestOptions& options, Session& session);
Answered<> perform(const TriggerOptions& options, Session& session);
Answered<> perform(const DeployOptions& options, Session& session);
Answered<> perform(const DeployStartOptions& options, Session& session);
Answered<> perform(const DeploySucceedOptions& options, Session& session);
Answered<> perform(const DeployFailOptions& options, Session& session);
Answered<> perform(const DeployHeartbeatOptions& options, Session& session);
Answered<> perform(const PipelineRunOptions& options, Session& session);
Answered<> perform(const PipelineStatusOptions& options, Session& session);
Answered<> perform(const PipelineStopOptions& options, Session& session);
Answered<> perform(const ApproveOptions& options, Session& session);
Answered<> perform(const RejectOptions& options, Session& session);
Answered<> perform(const GateOptions& options, Session& session);

// Wiring.
Answered<> perform(const DrillOptions& options, Session& session);
Answered<> perform(const DoctorOptions& options, Session& session);
Answered<> perform(const AmendOptions& options, Session& session);
Answered<> perform(const LogsOptions& options, Session& session);
Answered<> perform(const PipelineOptions& options, Session& session);
Answered<> perform(const MetricsOptions& options, Session& session);
Answered<> perform(const NotifyTestOptions& options, Session& session);
Answered<> perform(const NotifyResendOptions& options, Session& session);
Answered<> perform(const ReconcileOptions& options, Session& session);
Answered<> perform(const ArtifactsOptions& options, Session& session);
Answered<> perform(const ArtifactsRestoreOptions& options, Session& session);
Answered<> perform(const ArtifactsPutOptions& options, Session& session);
Answered<> perform(const RcaOptions& options, Session& session);
Answered<> perform(const RcaVerifyOptions& options, Session& session);
Answered<> perform(const AuditOptions& options, Session& session);
Answered<> perform(const BackupOptions& options, Session& session);
Answered<> perform(const TokenAddOptions& options, Session& session);
Answered<> perform(const TokenListOptions& options, Session& session);
Answered<> perform(const TokenRemoveOptions& options, Session& session);
Answered<> perform(const ConfigCheckOptions& options, Session& session);
Answered<> perform(const ConfigShowOptions& options, Session& session);
Answered<> perform(const ConfigSchemaOptions& options, Session& session);
Answered<> perform(const InitOptions& options, Session& session);
Answered<> perform(const ServeOptions& options, Session& session);
Answered<> perform(const DemoOptions& options, Session& session);
Answered<> perform(const DemoBreakOptions& options, Session& session);
Answered<> perform(const DemoStopOptions& options, Session& session);
Answered<> perform(const CompletionOptions& options, Session& session);
Answered<> perform(const SchemaOptions& options, Session& session);
Answered<> perform(const HelpOptions& options, Session& session);

}  // namespace stepback::cli
