// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/process_identity.hpp"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <sstream>

#include "adapters/local/files.hpp"

namespace stepback::local {
namespace {

// Files of /proc are read like others, but for their length: it is not told beforehand.
std::string read_proc(const std::string& path) { return read_file(path).value_or(std::string()); }

struct Stat {
  char state = '?';
  pid_t group = 0;
  std::uint64_t started = 0;
};

// The name, second in the line, is in parentheses and may hold anything: so from the last one on.
Result<Stat> read_stat(pid_t id) {
  const std::string text = read_proc(fmt::format("/proc/{}/stat", id));
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) {
    return fail(Code::not_found, fmt::format("no process {}", id));
  }
  std::istringstream fields(text.substr(name_end + 1));
  Stat stat;
  std::string skipped;
  fields >> stat.state >> skipped >> stat.group;
  for (int field = 6; field < 22; ++field) fields >> skipped;
  fields >> stat.started;
  if (!fields) return fail(Code::not_found, fmt::format("process {} is not readable", id));
  return stat;
}

std::string this_world() {
  std::string boot = read_proc("/proc/sys/kernel/random/boot_id");
  while (boot.ends_with('\n')) boot.pop_back();
  struct stat space{};
  ::stat("/proc/self/ns/pid", &space);
  return fmt::format("{}/{}", boot, space.st_ino);
}

bool is_same_boot(const std::string& a, const std::string& b) {
  return a.substr(0, a.find('/')) == b.substr(0, b.find('/'));
}

bool is_marked(pid_t id, const std::string& mark) {
  const std::string environment =
      std::string(1, '\0') + read_proc(fmt::format("/proc/{}/environ", id));
  return environment.find(std::string(1, '\0') + mark + '\0') != std::string::npos;
}

}  // namespace

Result<ProcessIdentity> identity_of(pid_t id) {
  const Stat stat = TRY(read_stat(id));
  return ProcessIdentity{.id = id, .started = stat.started, .world = this_world()};
}

ProcessIdentity own_identity() {
  const auto own = identity_of(::getpid());
  // Without /proc we still have a number; nobody can then be proved to be gone but by his lock.
  return own ? *own : ProcessIdentity{.id = ::getpid(), .world = this_world()};
}

Life life_of(const ProcessIdentity& process) {
  const std::string world = this_world();
  if (process.world != world) {
    return is_same_boot(process.world, world) ? Life::not_to_be_told : Life::gone;
  }
  const auto stat = read_stat(process.id);
  const bool is_it = stat && stat->started == process.started;
  return is_it && stat->state != 'Z' && stat->state != 'X' ? Life::alive : Life::gone;
}

std::vector<pid_t> members_of_group(const ProcessIdentity& leader, const std::string& mark) {
  std::vector<pid_t> members;
  if (leader.world != this_world()) return members;
  const bool led = life_of(leader) == Life::alive;
  for (const std::string& name : names_in("/proc").value_or(std::vector<std::string>{})) {
    pid_t id = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), id);
    if (read.ec != std::errc() || read.ptr != name.data() + name.size()) continue;
    const auto stat = read_stat(id);
    if (!stat || stat->group != leader.id || stat->started < leader.started) continue;
    if (stat->state == 'Z' || stat->state == 'X') continue;
    if (led || is_marked(id, mark)) members.push_back(id);
  }
  return members;
}

json::Value encode(const ProcessIdentity& process) {
  json::Object object;
  object["id"] = process.id;
  object["started"] = static_cast<std::int64_t>(process.started);
  object["world"] = process.world;
  return object;
}

Result<ProcessIdentity> decode_process(const json::Reader& from) {
  ProcessIdentity process;
  const std::int64_t id = TRY(from.integer("id"));
  if (id < 1 || id > INT32_MAX) return fail(from.wrong("id", "expected the number of a process"));
  process.id = static_cast<pid_t>(id);
  const std::int64_t started = TRY(from.integer("started"));
  if (started < 0) return fail(from.wrong("started", "expected a number of ticks"));
  process.started = static_cast<std::uint64_t>(started);
  process.world = TRY(from.text("world"));
  return process;
}

}  // namespace stepback::local
