// SPDX-License-Identifier: Apache-2.0
#pragma once

// A version as a Lambda function: published when it is deployed, made live after the switch, and
// read as what is live. Any thread; nothing in it waits, an update under way is looked at again.
//
// With an alias, the alias is pointed at the published version whose description is the release's
// version; its own description says under which operation number that was done. Every write is on
// condition of the alias's revision that was read, and is done even where the version is right
// already, because it changes the revision: so an older request, however late, is refused there,
// and a higher number turns us back (conflict). After a crash all of it is read from the alias.
//
// Without an alias, the function's code is replaced by the version's package in a bucket, on
// condition of the function's revision. Lambda keeps no number of ours there; a second update with
// the same bytes is harmless, and after a crash one is sent.

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/aws/service.hpp"
#include "adapters/aws/switch_hook.hpp"
#include "ports/delivery.hpp"
#include "ports/observation.hpp"

namespace stepback::aws {

struct FunctionSource {
  Environment environment{};
  std::string function = "kiro-worker-{environment}-poller";
  std::string alias = "live";                                  // empty: the code itself is replaced
  std::string bucket = "kiro-worker-{environment}-artifacts";  // without an alias
  std::string key = "{version}/poller.zip";
};

// What a function was published as.
struct PublishedFunction {
  std::string number;  // "7"
  std::string code;    // SHA-256 of its package, in base 64, as Lambda says it
};

class FunctionVersions {
 public:
  static constexpr Dialect dialect{.id = "lambda", .signing = "", .target = "", .version = ""};

  FunctionVersions(std::vector<FunctionSource> sources, Service& service)
      : sources_(std::move(sources)), service_(service) {}

  // Publishes what the function has now under the release's version; the same again is success.
  // unavailable: an update of it is under way, or its description had to be changed first (Lambda
  // publishes nothing twice); ask again.
  Result<PublishedFunction> publish(const Environment& environment, const Version& version);

  // The published version of a release; none: not_found.
  Result<PublishedFunction> find(const Environment& environment, const Version& version);

  // What follows the switch: see SwitchHook. An environment without a function: done.
  Result<Progress> make_live(const Switch& change);

  // Which version the alias or the code is; the pointer's number is not in it.
  Result<VersionSeen> live(const Environment& environment);

 private:
  struct Place;     // a function with the names filled in
  struct Function;  // as it was seen
  struct Alias;

  Result<std::optional<Place>> place_of(const Environment& environment) const;
  Result<json::Value> ask(http::Method method, const std::string& path, const json::Value& body,
                          std::string_view deed, const std::string& function);
  Result<Function> read_function(const Place& place, const std::string& qualifier = "");
  Result<std::vector<Function>> versions_of(const Place& place);
  Result<Alias> read_alias(const Place& place);
  Result<PublishedFunction> describe(const Place& place, const Function& last,
                                     const Version& version);
  Result<Progress> point_alias(const Place& place, const Switch& change);
  Result<Progress> replace_code(const Place& place, const Switch& change);
  Result<VersionSeen> live_by_alias(const Place& place);
  Result<VersionSeen> live_by_code(const Place& place);

  std::vector<FunctionSource> sources_;
  Service& service_;
  std::mutex mutex_;                          // guards what follows
  std::map<std::string, std::string> codes_;  // by function: "key" of the plan → its code's SHA-256
};

SwitchHook function_after_switch(FunctionVersions& functions);

// The port LiveVersion by what Lambda runs, with the number of the pointer.
class LiveFunction final : public LiveVersion {
 public:
  LiveFunction(FunctionVersions& functions, Artifacts& artifacts)
      : functions_(functions), artifacts_(artifacts) {}

  // What could not be asked is not an error: `seen` is false and `detail` says why. An error is
  // that of the pointer.
  Result<VersionSeen> read(const Environment& environment) override;

 private:
  FunctionVersions& functions_;
  Artifacts& artifacts_;
};

}  // namespace stepback::aws
