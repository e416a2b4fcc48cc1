// SPDX-License-Identifier: Apache-2.0
#pragma once

// ToldAlarms: the alarms that can be asked for, and beside them the alerts that were only told
// (Alertmanager, Grafana, a webhook), as they were told last. So an alert that started a rollback
// also judges it, and its end is waited for like that of any alarm. Usable from any thread.

#include "engine/settings.hpp"
#include "ports/observation.hpp"
#include "ports/store.hpp"

namespace stepback {

class ToldAlarms final : public Alarms {
 public:
  ToldAlarms(Alarms& asked, Store& store, const Settings& settings)
      : asked_(asked), store_(store), settings_(settings) {}

  Result<std::vector<AlarmSeen>> list(const Environment& environment) override;

 private:
  Alarms& asked_;
  Store& store_;
  const Settings& settings_;
};

}  // namespace stepback
