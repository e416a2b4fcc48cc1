// SPDX-License-Identifier: Apache-2.0
#pragma once

// The readers of each family of tools, as read.cpp calls them once it has recognised the shape.
// Each is in the file of its family's name. Pure; usable from any thread.

#include "signals/fields.hpp"

namespace stepback::signals {

inline constexpr std::string_view contributor_detail_type =
    "CloudWatch Alarm Contributor State Change";

// cloudwatch.cpp: one alarm's change, as an event, as the alarm's own action, as a topic's message.
Checked<Outcome> read_alarm_event(const json::Reader& event, const ReadOptions& options);
Checked<Outcome> read_alarm_action(const json::Reader& action, const ReadOptions& options);
Checked<Outcome> read_alarm_notice(const json::Reader& notice, const ReadOptions& options);

// pipelines.cpp: an event of a pipeline or a build, or the notification service's copy of it.
Checked<Outcome> read_pipeline_event(const json::Reader& event, const ReadOptions& options);
Checked<Outcome> read_build_event(const json::Reader& event, const ReadOptions& options);

// alerts.cpp: each alert of Alertmanager's or Grafana's webhook for itself.
Checked<SignalsRead> read_alerts(const json::Reader& body, Shape shape);

// cdevents.cpp: a CDEvent by itself, or as the data of a CloudEvent.
Checked<Outcome> read_cdevent(const json::Reader& event);
bool is_cdevent(const json::Reader& event);

// mapped.cpp: whatever the mapping finds.
Checked<Outcome> read_mapped(const json::Reader& body, const Mapping& mapping);

// envelope.cpp: what AWS puts around every event. A notification has no id.
struct Envelope {
  std::string account;
  std::string region;
  Instant at;
};
Checked<Envelope> read_envelope(const json::Reader& event, EventOrigin origin);
// "detail-type", or "detailType" in a notification.
std::string_view type_key(const json::Reader& event);

}  // namespace stepback::signals
