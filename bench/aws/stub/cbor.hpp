// SPDX-License-Identifier: Apache-2.0
#pragma once

// CBOR (RFC 8949) for JSON values: newer SDKs speak it with CloudWatch. What AWS's protocol needs
// of it: maps, lists, texts, whole numbers, doubles, true, false, null, times. Values.

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace stub {

// A number called "...Timestamp" becomes a time.
std::string to_cbor(const boost::json::value& value);
// Throws std::invalid_argument for what it does not know.
boost::json::value from_cbor(std::string_view bytes);

}  // namespace stub
