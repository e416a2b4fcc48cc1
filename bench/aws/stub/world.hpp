// SPDX-License-Identifier: Apache-2.0
#pragma once

// All that the stub knows: the services' state, which service a request is for, and what whoever
// runs a benchmark asks beside them. One thread.
//
// At the stub's own port the services answer too, neither counted nor held back, and:
//   PUT  /-/objects?bucket=B     a line for each object: key, TAB, what is in it
//   GET  /-/objects?bucket=B&prefix=P   a line for each: key, ETag, size, writes since /-/restore
//   GET  /-/messages             what was published and sent, as lines of JSON
//   GET  /-/counts               what was asked since /-/restore, as a document
//   POST /-/keep, /-/restore     take a picture of everything; go back to it, and count from there
//   POST /-/forget               go back to nothing

#include <algorithm>
#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <vector>

#include "dynamo.hpp"
#include "meter.hpp"
#include "s3.hpp"

namespace stub {

class World {
 public:
  World(std::string address, Meter& meter, double writes_per_second)
      : address_(std::move(address)), meter_(meter), rate_(writes_per_second), left_(burst()) {}

  Answer answer(const Request& request);        // as AWS
  Answer answer_admin(const Request& request);  // at the stub's own port

  void set_address(std::string address) { address_ = std::move(address); }

 private:
  struct State {
    Dynamo dynamo;
    S3 s3;
    std::map<std::string, boost::json::object> alarms;
    std::vector<std::string> messages;
  };

  Answer dispatch(const Request& request);
  Answer of_json(const Request& request, std::string_view target);
  Answer of_form(const Request& request);
  boost::json::object watch(std::string_view operation, const boost::json::object& asked);
  boost::json::object queue(std::string_view operation, const boost::json::object& asked);
  bool too_fast(Moment now);
  double burst() const { return std::max(1.0, rate_ / 20); }  // what may come at once

  std::string address_;  // of the queues: "https://127.0.0.1:1234"
  Meter& meter_;
  State state_;
  State kept_;
  double rate_;  // writes to S3 in a second; 0: any
  double left_;
  Moment counted_at_{};
};

}  // namespace stub
