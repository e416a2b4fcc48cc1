// SPDX-License-Identifier: Apache-2.0
// Whatever bytes come, the readers of signals read them whole or refuse them with a reason; twice
// the same way; and what they pass on is bounded and of our grammar.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/ensure.hpp"
#include "base/json.hpp"
#include "signals/read.hpp"
#include "signals/sns.hpp"
#include "support/check_mapping.hpp"

namespace {

using namespace stepback;

constexpr std::size_t longest_name = 600;  // three names of a pipeline, or one of an alarm
constexpr std::size_t longest_text = 512;
constexpr std::size_t longest_reason = 1024;

void check(const Signal& signal) {
  ENSURE(!signal.name.empty() && signal.name.size() <= longest_name);
  ENSURE(signal.reason.size() <= longest_reason);
  ENSURE(signal.account.size() <= longest_text && signal.region.size() <= longest_text);
  ENSURE(signal.occurrence.size() <= longest_text);
  ENSURE(signal.at.ms >= 0);
  ENSURE(!signal.environment || parse_environment(signal.environment->name));
  ENSURE(signal.version.empty() || parse_version(signal.version.text));
  ENSURE(!signal.deployment || parse_id<DeploymentTag>(signal.deployment->text));
  ENSURE(!content_key(signal).empty());
}

void read_twice(std::string_view bytes, const ReadOptions& options) {
  const auto read = read_signals(bytes, options);
  ENSURE(read == read_signals(bytes, options));
  if (!read) {
    ENSURE(!read.error().why.empty());
    return;
  }
  ENSURE(read->signals.size() + read->refused.size() <= 1000);
  ENSURE(!read->signals.empty() || !read->refused.empty() || !read->passed_over.empty());
  for (const auto& signal : read->signals) check(signal);
  for (const auto& refused : read->refused) ENSURE(!refused.why.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_twice(bytes, {.origin = EventOrigin::delivered, .prefix = "kiro"});
  read_twice(bytes, {.origin = EventOrigin::hand_made});
  read_twice(bytes, {.mapping = &support::check_mapping()});
  if (const auto message = read_sns_message(bytes)) ENSURE(!text_to_sign(*message).empty());
  return 0;
}
