// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/command_record.hpp"

#include <fmt/core.h>
#include <poll.h>
#include <signal.h>

#include "base/json.hpp"
#include "base/random.hpp"
#include "wire/pattern.hpp"

namespace stepback::local {
namespace {

constexpr Duration past_deadline = seconds(5);  // by then its own engine has killed it, if it lives
constexpr int looks_at_the_dying = 50;
constexpr int look_pause_ms = 20;

bool is_there(const ProcessIdentity& process, const std::string& mark) {
  return life_of(process) == Life::alive || !members_of_group(process, mark).empty();
}

}  // namespace

Result<std::optional<CommandRecord::Entry>> CommandRecord::read() {
  const auto text = read_file(path_);
  if (!text && text.error().code == Code::not_found) return std::optional<Entry>();
  if (!text) return fail(text.error());
  const auto value = json::parse(*text);
  if (!value) return fail(Code::corrupt, path_ + ": " + value.error().message);
  const json::Reader from(*value);
  Entry entry;
  const json::Reader process = TRY(from.object("process"));
  entry.process = TRY(decode_process(process));
  const json::Reader owner = TRY(from.object("owner"));
  entry.owner = TRY(decode_process(owner));
  if (entry.process.id < 2) return fail(from.wrong("process", "expected a child of somebody"));
  entry.operation = static_cast<std::uint64_t>(TRY(from.integer("operation")));
  entry.key = TRY(from.text("key"));
  entry.mark = TRY(from.text("mark"));
  entry.deadline = Duration(TRY(from.integer("deadline")));
  entry.program = TRY(from.text("program"));
  return std::optional<Entry>(std::move(entry));
}

bool CommandRecord::may_run(const Entry& entry) const {
  const Life life = life_of(entry.process);
  if (life == Life::not_to_be_told) return clock_.steady() < entry.deadline + past_deadline;
  return life == Life::alive || !members_of_group(entry.process, entry.mark).empty();
}

Result<> CommandRecord::put_down(const Entry& entry) {
  for (int look = 0; look < looks_at_the_dying; ++look) {
    if (!is_there(entry.process, entry.mark)) return {};
    for (const pid_t member : members_of_group(entry.process, entry.mark)) {
      ::kill(member, SIGKILL);
    }
    ::poll(nullptr, 0, look_pause_ms);
  }
  return fail(Code::unavailable, fmt::format("an earlier {} (process {}) was killed and does not "
                                             "end",
                                             one_line(entry.program), entry.process.id));
}

Result<> CommandRecord::make_way() {
  const auto entry = TRY(read());
  if (!entry) return {};
  if (may_run(*entry)) {
    const bool abandoned =
        life_of(entry->owner) == Life::gone || clock_.steady() >= entry->deadline + past_deadline;
    if (!abandoned) {
      return fail(Code::unavailable,
                  fmt::format("an earlier {} (process {}, operation {}) still runs",
                              one_line(entry->program), entry->process.id, entry->operation));
    }
    TRY(put_down(*entry));
  }
  return remove_file(path_);
}

Result<Child> CommandRecord::begin(Command command, std::uint64_t operation,
                                   const std::string& key) {
  const std::string tag = fmt::format("{:016x}", entropy());
  command.environment.emplace_back("STEPBACK_COMMAND", tag);
  const Duration deadline = clock_.steady() + command.limit + command.grace;
  const std::string program = command.arguments.empty() ? "" : command.arguments[0];
  Child child = TRY(Child::prepare(std::move(command), clock_));

  const ProcessIdentity process = TRY(identity_of(child.id()));
  json::Object object;
  object["process"] = encode(process);
  object["owner"] = encode(own_identity());
  object["operation"] = operation;
  object["key"] = key;
  object["mark"] = "STEPBACK_COMMAND=" + tag;
  object["deadline"] = deadline.count();
  object["program"] = program;
  TRY(replace_file(path_, json::write(object)));
  const auto begun = child.let_go();
  if (!begun) {
    TRY(remove_file(path_));
    return fail(begun.error());
  }
  return child;
}

Result<> CommandRecord::end(pid_t id) {
  const auto entry = TRY(read());
  if (!entry || entry->process.id != id || entry->owner != own_identity()) return {};
  return remove_file(path_);
}

Result<std::optional<CommandRecord::Running>> CommandRecord::running() {
  const auto entry = TRY(read());
  if (!entry || !may_run(*entry)) return std::optional<Running>();
  return std::optional<Running>(Running{entry->operation, entry->key, entry->program});
}

}  // namespace stepback::local
