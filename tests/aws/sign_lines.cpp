// SPDX-License-Identifier: Apache-2.0
// Signs what it is told to: one request a line on its input, as JSON; one Authorization a line on
// its output. For the comparison with another signer.
#include <iostream>
#include <string>

#include "adapters/aws/sigv4.hpp"
#include "base/digest.hpp"
#include "base/json.hpp"

namespace {

using namespace stepback;

Result<std::string> signed_line(const std::string& line) {
  const auto value = TRY(json::parse(line));
  const json::Reader request(value);
  http::Headers headers;
  for (const auto& pair : TRY(request.array("headers"))) {
    const auto words = TRY(pair.as_array());
    headers.add(TRY(words.at(0).as_text()), TRY(words.at(1).as_text()));
  }
  aws::Credentials credentials{.key_id = TRY(request.text("key"))};
  credentials.secret = Secret(TRY(request.text("secret")));
  aws::Scope scope{.region = TRY(request.text("region"))};
  scope.service = TRY(request.text("service"));
  scope.at = TRY(request.instant("at"));
  const auto method = http::method_of(TRY(request.text("method")));
  const auto target = TRY(request.text("target"));
  const auto hash = sha256_hex(TRY(request.text("body")));
  return aws::sign(method, target, headers, hash, credentials, scope).authorization;
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const auto answer = signed_line(line);
    std::cout << (answer ? *answer : "error: " + answer.error().message) << '\n';
  }
  return 0;
}
