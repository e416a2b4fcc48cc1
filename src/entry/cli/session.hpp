// SPDX-License-Identifier: Apache-2.0
#pragma once

// Session: one command being carried out. It knows the terminal and its manners, gets the engine
// when somebody needs it, and turns names that people type into what they stand for. Data goes to
// standard output, talk to standard error, so that a pipe only ever sees data. One thread.

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "entry/cli/cli.hpp"
#include "entry/cli/errors.hpp"
#include "entry/cli/table.hpp"
#include "entry/cli/text.hpp"

namespace stepback::cli {

// One answer, ready for every output format.
struct Answer {
  Screen screen;                  // table
  Table rows{{}};                 // text: tab-separated, without a header
  json::Value document;           // json, yaml
  std::vector<json::Value> list;  // jsonl: one a line; empty: the document
  std::vector<std::string> ids;   // id: one a line
};

class Session {
 public:
  Session(Terminal& terminal, Application& application, const GlobalOptions& global);

  Terminal& terminal() { return terminal_; }
  Application& application() { return application_; }
  const GlobalOptions& global() const { return global_; }
  bool wants_table() const { return global_.output == OutputFormat::table; }
  // Somebody is there to be asked.
  bool interactive() const;
  int interruptions() const;  // how often the person asked to stop
  bool can_paint() const;     // a terminal that lines can be painted over on

  Answered<Engine*> engine();
  // A configured environment, or a complaint with the one that was meant.
  Answered<Environment> environment(const std::string& name);
  // Those named, or all when none is.
  Answered<Environments> environments(const std::vector<std::string>& names);
  // Refused under --read-only.
  Answered<void> may_change(std::string_view deed) const;

  // To standard output, in the format asked for: all of it, or what --query picks. A query that the
  // document has no answer to leaves a complaint instead.
  void print(const Answer& answer);
  const std::optional<Complaint>& complaint() const { return complaint_; }
  void show(const Screen& screen);    // to standard output, whatever the format
  void remark(const Screen& screen);  // to standard error, unless quiet
  void talk(const Screen& screen);    // to people: standard output for tables, else standard error
  const Style& style() const { return style_; }

 private:
  void write(const Answer& answer);

  Terminal& terminal_;
  Application& application_;
  const GlobalOptions& global_;
  Style style_;
  Engine* engine_ = nullptr;
  std::optional<Complaint> complaint_;
};

}  // namespace stepback::cli
