// SPDX-License-Identifier: Apache-2.0
#pragma once

// A child process with a deadline: an argument list (never a shell), an environment of its own, a
// process group of its own, and its output cut to a limit. run() is what most callers need; a Child
// is prepared first and let go later, so that who it is can be written down before it does
// anything. Usable from any thread; the thread that prepared a child is the one that waits for it.

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/local/files.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace stepback::local {

inline constexpr std::size_t most_output_bytes = 64 * 1024;
inline constexpr int try_again_status = 75;  // EX_TEMPFAIL: the command asks to be run again later

struct Command {
  std::vector<std::string> arguments;  // the program first: absolute, or a name looked up in PATH
  std::vector<std::pair<std::string, std::string>> environment;  // the whole of it, but for PATH
  std::string directory;                                         // where it runs; empty: as we do
  std::string input;                // what it reads; nothing when empty
  bool drop_errors = false;         // its second stream is not kept: the first is read as data
  Duration limit = seconds(60);     // then the group is asked to end,
  Duration grace = Duration(2000);  // and this much later it is killed
  std::function<bool()> go_on;      // asked every second; false: it is ended at once. May be empty
};

struct Ended {
  std::optional<int> status;  // of its exit; none: a signal ended it
  int signal = 0;
  bool timed_out = false;
  bool stopped = false;  // because go_on said so
  std::string output;    // what it wrote to either stream: the beginning, and the very end
  Duration took{};

  bool succeeded() const { return !timed_out && !stopped && status == 0; }
};

// What went wrong, or nothing. Status 75 is unavailable, a missed deadline is timeout; any other is
// invalid: asking again will not help. The message has the end of what the command said.
Result<> must_succeed(const Ended& ended, std::string_view what);

class Child {
 public:
  // Forked, and waiting to be let go: it has not begun the program yet. It ends by itself if this
  // process dies first. not_found or invalid when there is no such program.
  static Result<Child> prepare(Command command, const Clock& clock);

  Child(Child&&) noexcept = default;
  Child& operator=(Child&&) = delete;
  ~Child();  // kills it, if it still runs

  pid_t id() const { return id_; }  // also of its group
  Result<> let_go();                // not_found, denied, ...: the program could not be started
  // Returns when it has ended, or has been killed for taking too long. What it left running in its
  // group after a good end is left alone: a restart command may start a service. (That must send
  // its output elsewhere: ours is closed with the command's end.)
  Result<Ended> wait();

 private:
  Child(Command command, const Clock& clock) : command_(std::move(command)), clock_(&clock) {}
  void read_output();
  bool ends_before(Duration deadline);
  bool ends_in_time();
  Result<Ended> reap(bool timed_out);

  Command command_;
  const Clock* clock_;
  pid_t id_ = -1;
  Descriptor process_;  // readable when it has ended
  Descriptor gate_;     // it begins when a byte comes
  Descriptor failure_;  // says why the program did not begin
  Descriptor output_;
  std::string head_;
  std::string tail_;
  std::size_t dropped_ = 0;
  bool stopped_ = false;
  Duration began_{};
};

Result<Ended> run(const Command& command, const Clock& clock);

}  // namespace stepback::local
