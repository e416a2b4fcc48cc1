// SPDX-License-Identifier: Apache-2.0
#pragma once

// Counts what a client asks for, by kind, and the round trips that it had to wait for one after the
// other: the longest chain of requests of which each came after the answer to the one before had
// been sent. What a client does side by side is one link of that chain. One thread.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace stub {

using Moment = std::chrono::steady_clock::time_point;

class Meter {
 public:
  // The request's place in the chain, to be handed to answered().
  std::size_t arrived() const { return answered_ + 1; }
  void asked(const std::string& kind, std::size_t place) {
    auto& counted = kinds_[kind];
    ++counted.requests;
    counted.most_under_way = std::max(counted.most_under_way, ++counted.under_way);
    if (chain_.size() < place) chain_.resize(place);
    if (chain_[place - 1].empty()) chain_[place - 1] = kind;
  }
  void answered(const std::string& kind, std::size_t place) {
    --kinds_[kind].under_way;
    answered_ = std::max(answered_, place);
  }
  void connected() { ++connections_; }
  // A write to S3 that was accepted or refused for coming too fast.
  void written(bool accepted, Moment now) {
    if (!accepted) {
      ++refused_;
      return;
    }
    if (writes_.empty()) first_write_ = now;
    const auto tenth =
        static_cast<std::size_t>((now - first_write_) / std::chrono::milliseconds(100));
    if (writes_.size() <= tenth) writes_.resize(tenth + 1);
    ++writes_[tenth];
  }
  void reset() { *this = Meter(); }  // when nothing is under way
  std::string document() const;

 private:
  struct Kind {
    std::int64_t requests = 0;
    std::int64_t under_way = 0;
    std::int64_t most_under_way = 0;
  };

  std::map<std::string, Kind> kinds_;
  std::vector<std::string> chain_;  // the first kind at each place
  std::size_t answered_ = 0;        // the farthest place of an answer that was sent
  std::int64_t connections_ = 0;
  std::int64_t refused_ = 0;
  std::vector<std::int64_t> writes_;  // accepted in each tenth of a second since the first
  Moment first_write_;
};

}  // namespace stub
