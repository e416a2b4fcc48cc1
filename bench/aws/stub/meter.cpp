// SPDX-License-Identifier: Apache-2.0
#include "meter.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace stub {

std::string Meter::document() const {
  boost::json::object requests;
  boost::json::object at_once;
  for (const auto& [kind, counted] : kinds_) {
    if (counted.requests == 0) continue;
    requests[kind] = counted.requests;
    at_once[kind] = counted.most_under_way;
  }
  boost::json::array chain;
  for (const auto& kind : chain_) chain.emplace_back(kind);
  boost::json::array writes;
  for (const auto count : writes_) writes.emplace_back(count);
  return boost::json::serialize(boost::json::object{{"requests", std::move(requests)},
                                                    {"chain", std::move(chain)},
                                                    {"connections", connections_},
                                                    {"mostUnderWay", std::move(at_once)},
                                                    {"refused", refused_},
                                                    {"writesPerTenth", std::move(writes)}});
}

}  // namespace stub
