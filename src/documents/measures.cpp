// SPDX-License-Identifier: Apache-2.0
#include "documents/measures.hpp"

namespace stepback {
namespace {

json::Value text(std::string_view from) { return json::Value(from); }

json::Object object_of(const Spread& spread) {
  json::Object object{{"count", spread.count}};
  if (spread.count == 0) return object;
  object["usual_ms"] = spread.usual.count();
  object["slow_ms"] = spread.slow.count();
  return object;
}

json::Array array_of(const std::vector<DayMeasure>& days) {
  json::Array array;
  for (const auto& day : days) {
    array.push_back(json::Object{{"day", text(day.day)},
                                 {"deployments", day.deployments},
                                 {"failed", day.failed},
                                 {"restores", day.restores}});
  }
  return array;
}

json::Array array_of(const std::vector<RestorePoint>& points) {
  json::Array array;
  for (const auto& point : points) {
    array.push_back(json::Object{{"rollbackId", text(point.rollback.text)},
                                 {"environment", text(point.environment.name)},
                                 {"at", text(to_rfc3339(point.at))},
                                 {"took_ms", point.took.count()},
                                 {"origin", text(name_of(point.origin))},
                                 {"state", text(name_of(point.outcome))}});
  }
  return array;
}

json::Object restores_of(const Measures& measures) {
  return {{"count", measures.restores},
          {"succeeded", measures.succeeded},
          {"escalated", measures.escalated},
          {"cancelled", measures.cancelled},
          {"handedOver", measures.handed_over},
          {"automatic", measures.automatic},
          {"withinBudget", measures.within_budget}};
}

}  // namespace

json::Value measures_document(const Measured& measured, Instant now) {
  const auto& measures = measured.measures;
  json::Object document{{"schema", "stepback/v1/measures"},
                        {"from", text(to_rfc3339(measured.from))},
                        {"until", text(to_rfc3339(measured.until))}};
  if (measured.environment) document["environment"] = text(measured.environment->name);
  document["deployments"] = json::Object{
      {"count", measures.deployments}, {"failed", measures.failed}, {"perDay", measures.per_day}};
  if (measures.change_failure_rate) document["changeFailureRate"] = *measures.change_failure_rate;
  document["restores"] = restores_of(measures);
  if (measures.automatic_share) document["automaticShare"] = *measures.automatic_share;
  document["timeToRestore"] = object_of(measures.time_to_restore);
  document["phases"] = json::Object{{"detect", object_of(measures.detect)},
                                    {"decide", object_of(measures.decide)},
                                    {"act", object_of(measures.act)},
                                    {"verify", object_of(measures.verify)}};
  if (measures.budget_usual && measures.budget_slow) {
    document["budgetUsed"] =
        json::Object{{"usual", *measures.budget_usual}, {"slow", *measures.budget_slow}};
  }
  document["days"] = array_of(measures.days);
  document["points"] = array_of(measures.points);
  document["asOf"] = text(to_rfc3339(now));
  return document;
}

}  // namespace stepback
