// SPDX-License-Identifier: Apache-2.0
#include "http/deadline.hpp"

#include <fmt/core.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/ensure.hpp"

namespace stepback::http {

Result<Deadline> Deadline::start(Duration within) {
  Descriptor timer(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer.is_open()) {
    return fail(Code::unavailable, fmt::format("a timer for a request: {}", strerror(errno)));
  }
  const auto ms = std::max<Duration::rep>(within.count(), 1);  // zero would mean: never
  itimerspec when{};
  when.it_value.tv_sec = ms / 1000;
  when.it_value.tv_nsec = ms % 1000 * 1'000'000;
  ENSURE(timerfd_settime(timer.number(), 0, &when, nullptr) == 0);
  return Deadline(std::move(timer), within);
}

Waited Deadline::wait(std::span<pollfd> descriptors, Duration at_most) const {
  std::array<pollfd, 17> all;
  ENSURE(descriptors.size() < all.size());
  all[0] = {.fd = timer_.number(), .events = POLLIN, .revents = 0};
  std::ranges::copy(descriptors, all.begin() + 1);
  const int milliseconds = static_cast<int>(std::clamp<Duration::rep>(at_most.count(), 0, 1 << 30));
  int count = 0;
  do {
    count = poll(all.data(), descriptors.size() + 1, milliseconds);
  } while (count < 0 && errno == EINTR);
  ENSURE(count >= 0);
  if (all[0].revents != 0) return Waited::expired;
  std::copy_n(all.begin() + 1, descriptors.size(), descriptors.begin());
  return count == 0 ? Waited::not_yet : Waited::ready;
}

Waited Deadline::wait(int descriptor, short events, Duration at_most) const {
  pollfd one{.fd = descriptor, .events = events, .revents = 0};
  return wait({&one, 1}, at_most);
}

Duration Deadline::left() const {
  itimerspec rest{};
  ENSURE(timerfd_gettime(timer_.number(), &rest) == 0);
  return Duration(rest.it_value.tv_sec * 1000 + rest.it_value.tv_nsec / 1'000'000);
}

Error Deadline::passed(std::string_view stage) const {
  return {Code::timeout, fmt::format("timed out after {} while {}", to_short(within_), stage)};
}

}  // namespace stepback::http
