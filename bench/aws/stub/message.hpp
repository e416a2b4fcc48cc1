// SPDX-License-Identifier: Apache-2.0
#pragma once

// A request as the stub's services see it, and what they answer. Values, of one thread. A request
// looks into the connection's buffer and does not outlive the call that it is handed to.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stub {

struct Request {
  std::string_view method;
  std::string path;  // decoded
  std::vector<std::pair<std::string, std::string>> query;
  std::string_view head;  // the header lines, each with its end
  std::string body;       // without chunks, of either kind

  std::string_view header(std::string_view name) const;  // empty: not there
  std::optional<std::string> parameter(std::string_view name) const;
};

struct Answer {
  std::string kind;  // what was asked for, as it is counted: "s3 CopyObject"
  int status = 200;
  std::string type = "application/xml";
  std::string body;
  std::string headers;  // further ones, each with its end
};

// Reads what one whole request consists of; `body` is as it came over the wire.
Request read_request(std::string_view head, std::string_view body);
// "a=1&b=%20" in decoded pairs: a query, and the body of a form.
std::vector<std::pair<std::string, std::string>> read_pairs(std::string_view text);
std::string decoded(std::string_view text, bool plus_is_space = false);
std::string encoded(std::string_view text);
std::string in_xml(std::string_view text);
bool same_letters(std::string_view one, std::string_view other);  // but for their case
long number_in(std::string_view text, long otherwise = 0);

// The body of chunks "LENGTH[;...]\r\nBYTES\r\n" that end with an empty one; AWS has a second such
// layer of its own above HTTP's. None: the end has not come yet. `size`: where it ended.
std::optional<std::string> without_chunks(std::string_view text, std::size_t& size);

}  // namespace stub
