// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/many.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "base/pool.hpp"

namespace stepback::aws {
namespace {

class Crowd {
 public:
  explicit Crowd(const Many& many)
      : many_(many), limit_(std::max<std::size_t>(many.pace.first, 1)) {
    seen_refusals_ = many_.refused ? many_.refused() : 0;
  }

  Result<> run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      for (; started_ < wanted_threads(); ++started_)
        threads_.push_back(start_thread("many", [this](std::stop_token) { work(); }));
      if (is_over()) break;
      grown_.wait(lock);
    }
    lock.unlock();
    threads_.clear();
    if (error_) return fail(*std::move(error_));
    return {};
  }

 private:
  bool is_over() const { return error_ || next_ == many_.count; }
  std::size_t wanted_threads() const {
    return is_over() ? 0 : std::min(limit_, under_way_ + (many_.count - next_));
  }

  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      allowed_.wait(lock, [&] { return is_over() || under_way_ < limit_; });
      if (is_over()) break;
      const auto index = next_++;
      ++under_way_;
      lock.unlock();
      auto done = many_.deed(index);
      lock.lock();
      --under_way_;
      if (!done && !error_) error_ = done.error();
      adapt();
      if (is_over() || started_ < wanted_threads()) grown_.notify_one();
      if (under_way_ < limit_) allowed_.notify_one();
    }
    allowed_.notify_all();
  }

  // Additive once it has been refused, for then the limit is near; until then each success adds
  // one, which doubles the crowd with every round. One halving for each round, however many
  // refusals.
  void adapt() {
    const auto refusals = many_.refused ? many_.refused() : 0;
    if (refusals == seen_refusals_) {
      was_refused_ ? ++successes_ : ++limit_;
      if (successes_ >= limit_) {
        successes_ = 0;
        ++limit_;
      }
      limit_ = std::min(limit_, many_.pace.most);
      return;
    }
    seen_refusals_ = refusals;
    if (next_ < calm_from_) return;
    calm_from_ = next_ + under_way_;
    was_refused_ = true;
    successes_ = 0;
    limit_ = std::max<std::size_t>(limit_ / 2, 1);
  }

  const Many& many_;
  std::mutex mutex_;                 // guards all below but the threads, which only run() touches
  std::condition_variable grown_;    // for run(): another thread may start, or all is over
  std::condition_variable allowed_;  // for those that are too many
  std::size_t limit_;
  std::size_t started_ = 0;
  std::size_t next_ = 0;
  std::size_t under_way_ = 0;
  std::size_t successes_ = 0;
  std::size_t calm_from_ = 0;  // until this one is begun, refusals are of the time before
  std::uint64_t seen_refusals_ = 0;
  bool was_refused_ = false;
  std::optional<Error> error_;
  std::vector<std::jthread> threads_;
};

}  // namespace

Result<> do_many(const Many& many) {
  if (many.count == 0) return {};
  if (many.count == 1) return many.deed(0);
  return Crowd(many).run();
}

Result<> side_by_side(const std::vector<std::function<Result<>()>>& deeds) {
  std::vector<Result<>> results(deeds.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < deeds.size(); ++i)
      threads.push_back(
          start_thread("aside", [&, i](std::stop_token) { results[i] = deeds[i](); }));
    if (!deeds.empty()) results[0] = deeds[0]();
  }
  for (auto& result : results)
    if (!result) return result;
  return {};
}

}  // namespace stepback::aws
