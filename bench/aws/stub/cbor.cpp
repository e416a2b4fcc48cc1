// SPDX-License-Identifier: Apache-2.0
#include "cbor.hpp"

#include <bit>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <stdexcept>

namespace stub {
namespace {

namespace json = boost::json;

enum Major : unsigned { whole, negative, bytes, text, list, map, tag, simple };

void head(std::string& out, Major major, std::uint64_t number) {
  const auto first = static_cast<unsigned>(major) << 5U;
  const unsigned size = number < 24            ? 0
                        : number < 0x100       ? 1
                        : number < 0x10000     ? 2
                        : number < 0x100000000 ? 4
                                               : 8;
  constexpr unsigned one_byte = 24;
  out += static_cast<char>(first |
                           (size == 0 ? static_cast<unsigned>(number)
                                      : one_byte + static_cast<unsigned>(std::countr_zero(size))));
  for (unsigned i = size; i-- > 0;) out += static_cast<char>(number >> (8 * i) & 0xffU);
}

void write(std::string& out, const json::value& value, bool is_time) {
  switch (value.kind()) {
    case json::kind::null: head(out, simple, 22); return;
    case json::kind::bool_: head(out, simple, value.as_bool() ? 21 : 20); return;
    case json::kind::string:
      head(out, text, value.as_string().size());
      out += value.as_string();
      return;
    case json::kind::array:
      head(out, list, value.as_array().size());
      for (const auto& each : value.as_array()) write(out, each, false);
      return;
    case json::kind::object:
      head(out, map, value.as_object().size());
      for (const auto& each : value.as_object()) {
        head(out, text, each.key().size());
        out += each.key();
        write(out, each.value(), std::string_view(each.key()).ends_with("Timestamp"));
      }
      return;
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_: break;
  }
  if (is_time) head(out, tag, 1);
  if (value.is_int64() && value.as_int64() >= 0) {
    head(out, whole, static_cast<std::uint64_t>(value.as_int64()));
  } else {
    const auto bits = std::bit_cast<std::uint64_t>(value.to_number<double>());
    out += static_cast<char>(0xfb);
    for (unsigned i = 8; i-- > 0;) out += static_cast<char>(bits >> (8 * i) & 0xffU);
  }
}

class Reader {
 public:
  explicit Reader(std::string_view all) : left_(all) {}

  json::value value() {
    const auto first = byte();
    const auto major = static_cast<Major>(first >> 5U);
    const auto low = first & 31U;
    constexpr unsigned until_break = 31;
    if (low == until_break) return open_ended(major);
    const auto number = size(low);
    switch (major) {
      case whole: return number;
      case negative: return -1 - static_cast<std::int64_t>(number);
      case bytes:
      case text: return json::string(take(number));
      case list: {
        json::array all;
        for (std::uint64_t i = 0; i < number; ++i) all.push_back(value());
        return all;
      }
      case map: {
        json::object all;
        for (std::uint64_t i = 0; i < number; ++i) pair(all);
        return all;
      }
      case tag: return value();
      case simple: return simple_value(low, number);
    }
    throw std::invalid_argument("no CBOR");
  }

 private:
  json::value open_ended(Major major) {
    constexpr char end = '\xff';
    json::array all;
    json::object pairs;
    while (!left_.empty() && left_.front() != end) {
      if (major == map)
        pair(pairs);
      else
        all.push_back(value());
    }
    byte();
    if (major == map) return pairs;
    if (major == list) return all;
    throw std::invalid_argument("a text in pieces");
  }
  void pair(json::object& into) {
    const auto key = value();
    into[key.as_string()] = value();
  }
  static json::value simple_value(unsigned low, std::uint64_t number) {
    constexpr unsigned is_double = 27;
    if (low == is_double) return std::bit_cast<double>(number);
    if (number == 20 || number == 21) return number == 21;
    return nullptr;
  }
  unsigned byte() { return static_cast<unsigned char>(take(1).front()); }
  std::string_view take(std::uint64_t count) {
    if (count > left_.size()) throw std::invalid_argument("CBOR that is cut off");
    const auto part = left_.substr(0, count);
    left_.remove_prefix(count);
    return part;
  }
  std::uint64_t size(unsigned low) {
    constexpr unsigned one_byte = 24;
    if (low < one_byte) return low;
    std::uint64_t number = 0;
    for (unsigned i = 0; i < 1U << (low - one_byte); ++i) number = number << 8U | byte();
    return number;
  }

  std::string_view left_;
};

}  // namespace

std::string to_cbor(const json::value& value) {
  std::string out;
  write(out, value, false);
  return out;
}

json::value from_cbor(std::string_view all) { return Reader(all).value(); }

}  // namespace stub
