// SPDX-License-Identifier: Apache-2.0
#pragma once

// Handler: what one invocation of the function is about, and what is done for it. What another tool
// tells, by a rule, an alarm's action, a topic, the queue or by hand, is taken in; a wake-up lets a
// rollback go on; a sweep looks at everything that is due. Nobody is waited for: a rollback that
// waits is left, with a wake-up on its queue, and the sweep finds it should that get lost. One
// thread.

#include <functional>
#include <string>

#include "base/json.hpp"
#include "engine/engine.hpp"
#include "engine/remembering.hpp"
#include "entry/lambda/runtime.hpp"
#include "wire/answer.hpp"

namespace stepback {

// detect: takes signals in and may touch nothing else. act: carries rollbacks on. Two functions
// with different rights; where one is enough it does both.
enum class FunctionRole { detect, act, both };
template <>
inline constexpr Names<FunctionRole, FunctionRole::both> names_of<FunctionRole>{"detect", "act",
                                                                                "both"};

class Handler {
 public:
  // Has a rollback taken up again after `delay`, through the queue of that environment.
  using Wake = std::function<Result<>(const Environment&, const RollbackId&, Duration delay)>;

  // Told of a signal that came to nothing, which no notice tells of.
  using Ignored = std::function<void(const TriggerRecord&)>;

  struct Options {
    FunctionRole role = FunctionRole::both;
    std::optional<Environment> environment;  // whose due rollbacks a sweep takes up; none: all
    Wake wake;
    Ignored ignored = nullptr;
    std::string prefix;  // by which names of pipelines tell their environment
    // What the engine's intake and workers read by; null: each reads for itself.
    RememberingStore* memory = nullptr;
    Duration waits_itself = seconds(1);  // shorter waits are not worth another invocation
    // No turn begins with less time left. A step that takes longer dies with the process, and is
    // gone on with by whoever comes when the lease has lapsed.
    Duration needed = seconds(10);
    Duration wake_up_is_late = seconds(10);  // then a sweep takes it for lost
    Duration reserve = seconds(2);           // kept back from the deadline for the answer
  };

  Handler(Engine& engine, Options options);

  // invalid: nothing that this function knows; it belongs with the dead letters.
  Result<std::string> handle(const Invocation& invocation);

 private:
  Result<> take(std::string_view event, Instant deadline, Answers& answers);
  Result<std::string> take_event(const Invocation& invocation);
  Result<std::string> take_notifications(const std::vector<json::Reader>& records,
                                         Instant deadline);
  Result<std::string> take_batch(const std::vector<json::Reader>& records, Instant deadline);
  Result<> take_record(const json::Reader& record, Instant deadline);
  Result<std::string> sweep(Instant deadline);
  Result<std::string> expire();
  Result<> follow(const Intake::Answer& answer, Instant deadline);
  // What is done about a wait that is too long for this invocation.
  enum class Waits { leave_a_wake_up, leave_it_to_others };
  Result<> carry_on(RollbackId id, Instant deadline, Waits waits);
  void expect(const Signal& signal);
  void expect(const RollbackId& id);
  void forget();
  Result<> leave(const RollbackId& id, Duration delay);
  void reconcile();
  void carry_notices(Instant deadline);

  Engine& engine_;
  Options options_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace stepback
