// SPDX-License-Identifier: Apache-2.0
#pragma once

// Result<T>: a value or an Error, and it may not be dropped. Every fallible function of the
// program returns one; exceptions of libraries are translated where they appear. Plain values,
// usable from any thread.

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace stepback {

// Why something failed, as far as a caller may branch on it. The list is closed.
enum class Code {
  invalid,      // the request itself is wrong; asking again will not help
  not_found,    // the thing does not exist
  conflict,     // somebody else was first: a lost lease, a lost race, a stale number
  denied,       // not allowed to
  unavailable,  // try again later
  timeout,      // no answer in time: it may or may not have happened
  corrupt,      // bytes are not what was written; nothing may be decided from them
  internal,     // our own mistake
};

std::string_view name_of(Code code);
bool is_retriable(Code code);  // unavailable and timeout

struct Error {
  Code code = Code::internal;
  std::string message;  // for people: names the thing and the deed

  // The same error with what was being done put in front: "restoring v2: no such file".
  [[nodiscard]] Error during(std::string_view deed) const {
    return {code, std::string(deed) + ": " + message};
  }
  bool operator==(const Error&) const = default;
};

template <class T = void>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

inline std::unexpected<Error> fail(Code code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

}  // namespace stepback

// The value of `expression`, or return its error from the calling function. Not to be nested, and
// in a braced list only as its first member: g++ 12 never destroys those before it when it returns.
#define TRY(expression)                                                           \
  __extension__({                                                                 \
    auto try_result_ = (expression);                                              \
    if (!try_result_) return ::std::unexpected(::std::move(try_result_).error()); \
    *::std::move(try_result_);                                                    \
  })
