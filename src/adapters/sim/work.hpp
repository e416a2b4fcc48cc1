// SPDX-License-Identifier: Apache-2.0
#pragma once

// SimWork: a pretend machine for the stages of a pipeline: what each command comes to, and what the
// reports say. One thread.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ports/work.hpp"

namespace stepback {

class SimWork final : public Work, public ReportFiles {
 public:
  std::map<std::string, std::string> failing;  // stage → why; others succeed
  std::map<std::string, Report> reports;       // path → what it says; others are missing
  std::vector<WorkOrder> done;                 // in order
  std::function<void(const WorkOrder&)> on_work;

  Result<WorkEnd> carry_out(const WorkOrder& order, const std::function<bool()>& go_on) override {
    done.push_back(order);
    if (on_work) on_work(order);
    if (!go_on()) return WorkEnd{.stopped = true, .why = "it was asked to stop"};
    const auto found = failing.find(order.name);
    if (found != failing.end()) return WorkEnd{.why = found->second};
    return WorkEnd{.succeeded = true, .why = "took 1s"};
  }

  ReportsRead read(GateKind /*kind*/, const std::vector<std::string>& paths) override {
    ReportsRead read;
    for (const auto& path : paths) {
      const auto found = reports.find(path);
      if (found == reports.end()) {
        read.files.push_back({path, fail(Code::not_found, "there is no such file")});
      } else {
        read.files.push_back({path, found->second});
      }
      read.digest += path;
    }
    return read;
  }
};

}  // namespace stepback
