// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/lambda.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "adapters/aws/delivery_names.hpp"
#include "adapters/aws/sigv4.hpp"

namespace stepback::aws {
namespace {

using delivery::is;
using delivery::refused;

constexpr int most_pages = 100;  // of 50 versions each
constexpr int most_races = 3;    // lost to somebody else's write of the alias
constexpr std::string_view operation_mark = "Stepback operation ";  // in an alias's description

// "v41, Stepback operation 7": 7; 0 when somebody else wrote it.
std::uint64_t number_in(std::string_view description) {
  const auto start = description.rfind(operation_mark);
  if (start == std::string_view::npos) return 0;
  description.remove_prefix(start + operation_mark.size());
  std::uint64_t number = 0;
  std::from_chars(description.data(), description.data() + description.size(), number);
  return number;
}

std::int64_t as_number(const std::string& version) {
  std::int64_t number = -1;  // $LATEST
  std::from_chars(version.data(), version.data() + version.size(), number);
  return number;
}

}  // namespace

struct FunctionVersions::Place {
  std::string function;
  std::string path;  // "/2015-03-31/functions/NAME"
  std::string alias;
  const FunctionSource* source;
};

struct FunctionVersions::Function {
  std::string number;
  std::string description;
  std::string code;
  std::string revision;
  std::string update;  // Successful, Failed, InProgress; empty: never updated
  std::string reason;

  static Result<Function> read(const json::Reader& from) {
    Function function;
    function.number = TRY(from.text_or("Version", ""));
    function.description = TRY(from.text_or("Description", ""));
    function.code = TRY(from.text_or("CodeSha256", ""));
    function.revision = TRY(from.text_or("RevisionId", ""));
    function.update = TRY(from.text_or("LastUpdateStatus", ""));
    function.reason = TRY(from.text_or("LastUpdateStatusReason", ""));
    return function;
  }
  bool is_busy() const { return update == "InProgress"; }
  PublishedFunction published() const { return {.number = number, .code = code}; }
};

struct FunctionVersions::Alias {
  std::string number;
  std::string description;
  std::string revision;
  bool is_split = false;  // a part of the calls goes to another version
};

Result<std::optional<FunctionVersions::Place>> FunctionVersions::place_of(
    const Environment& environment) const {
  TRY(must_be_plain(environment));
  const auto source = std::ranges::find(sources_, environment, &FunctionSource::environment);
  if (source == sources_.end()) return std::optional<Place>();
  const auto function = fill_in(source->function, {{"environment", environment.name}});
  return std::optional<Place>(Place{.function = function,
                                    .path = "/2015-03-31/functions/" + encode(function),
                                    .alias = source->alias,
                                    .source = &*source});
}

Result<json::Value> FunctionVersions::ask(http::Method method, const std::string& path,
                                          const json::Value& body, std::string_view deed,
                                          const std::string& function) {
  http::Call call{.method = method};
  call.url.target = path;
  if (method != http::Method::get) {
    call.headers.add("Content-Type", "application/json");
    call.body = json::write(body);
  }
  const auto response = service_.send(std::move(call));
  if (!response) {
    const auto& refusal = response.error();
    if (is(refusal, "ResourceConflict")) {
      return fail(Code::unavailable,
                  fmt::format("{} {}: an update of it is under way", deed, function));
    }
    return refused(refusal, fmt::format("{} {}", deed, function));
  }
  auto value = json::parse(response->body, {.bytes = std::size_t{16} * 1024 * 1024});
  if (!value) return fail(Code::corrupt, fmt::format("{} {}: no JSON came back", deed, function));
  return *std::move(value);
}

Result<FunctionVersions::Function> FunctionVersions::read_function(const Place& place,
                                                                   const std::string& qualifier) {
  const auto query = qualifier.empty() ? "" : "?Qualifier=" + encode(qualifier);
  const json::Value answer = TRY(ask(http::Method::get, place.path + "/configuration" + query, {},
                                     "reading the function", place.function));
  return Function::read(json::Reader(answer));
}

Result<std::vector<FunctionVersions::Function>> FunctionVersions::versions_of(const Place& place) {
  std::vector<Function> versions;
  std::string marker;
  for (int page = 0; page < most_pages; ++page) {
    const auto query =
        marker.empty() ? "?MaxItems=50" : "?Marker=" + encode(marker) + "&MaxItems=50";
    const json::Value answer = TRY(ask(http::Method::get, place.path + "/versions" + query, {},
                                       "listing the versions of", place.function));
    const json::Reader from(answer);
    for (const auto& each : TRY(from.optional_array("Versions"))) {
      auto version = TRY(Function::read(each));
      if (as_number(version.number) > 0) versions.push_back(std::move(version));
    }
    marker = TRY(from.text_or("NextMarker", ""));
    if (marker.empty()) return versions;
  }
  return fail(Code::invalid, fmt::format("{} has too many versions", place.function));
}

Result<FunctionVersions::Alias> FunctionVersions::read_alias(const Place& place) {
  const json::Value answer =
      TRY(ask(http::Method::get, place.path + "/aliases/" + encode(place.alias), {},
              "reading the alias " + place.alias + " of", place.function));
  const json::Reader from(answer);
  Alias alias;
  alias.number = TRY(from.text("FunctionVersion"));
  alias.description = TRY(from.text_or("Description", ""));
  alias.revision = TRY(from.text_or("RevisionId", ""));
  if (const auto routing = TRY(from.optional_object("RoutingConfig"))) {
    const auto weights = TRY(routing->optional_object("AdditionalVersionWeights"));
    alias.is_split = weights && !TRY(weights->members()).empty();
  }
  return alias;
}

Result<PublishedFunction> FunctionVersions::find(const Environment& environment,
                                                 const Version& version) {
  TRY(must_be_plain(version));
  const auto place = TRY(place_of(environment));
  if (!place) return fail(Code::not_found, "no function is configured for " + environment.name);
  std::optional<Function> newest;
  for (auto& each : TRY(versions_of(*place))) {
    if (each.description != version.text) continue;
    if (!newest || as_number(each.number) > as_number(newest->number)) newest = std::move(each);
  }
  if (newest) return newest->published();
  return fail(Code::not_found,
              fmt::format("{} has no version with the description {}: it was not published when "
                          "that was deployed",
                          place->function, version.text));
}

Result<PublishedFunction> FunctionVersions::publish(const Environment& environment,
                                                    const Version& version) {
  auto found = find(environment, version);
  if (found || found.error().code != Code::not_found) return found;
  const auto place = TRY(place_of(environment));
  if (!place) return found;
  const auto now = TRY(read_function(*place));
  if (now.is_busy())
    return fail(Code::unavailable, fmt::format("{} is being updated; ask again", place->function));
  // On condition of what was read: so that nothing else is published under this name.
  const auto answer = ask(
      http::Method::post, place->path + "/versions",
      json::Object{
          {"Description", version.text}, {"CodeSha256", now.code}, {"RevisionId", now.revision}},
      "publishing " + version.text + " of", place->function);
  // Somebody wrote since, which may have been ourselves.
  if (!answer && answer.error().code == Code::conflict) return find(environment, version);
  if (!answer) return fail(answer.error());
  const auto made = TRY(Function::read(json::Reader(*answer)));
  if (made.description == version.text) return made.published();
  return describe(*place, made, version);
}

// Where nothing has changed Lambda gives back the last version; another description is a change.
Result<PublishedFunction> FunctionVersions::describe(const Place& place, const Function& last,
                                                     const Version& version) {
  TRY(ask(http::Method::put, place.path + "/configuration",
          json::Object{{"Description", version.text}}, "describing", place.function));
  return fail(
      Code::unavailable,
      fmt::format("{} has not changed since its version {} ({}); its description was "
                  "changed so that {} can be published: ask again",
                  place.function, last.number, one_line(last.description, 130), version.text));
}

Result<Progress> FunctionVersions::make_live(const Switch& change) {
  TRY(must_be_plain(change.version));
  const auto place = TRY(place_of(change.environment));
  if (!place) return Progress::done;
  return place->alias.empty() ? replace_code(*place, change) : point_alias(*place, change);
}

Result<Progress> FunctionVersions::point_alias(const Place& place, const Switch& change) {
  const auto target = TRY(find(change.environment, change.version));
  for (int race = 0; race < most_races; ++race) {
    const auto alias = TRY(read_alias(place));
    const auto number = number_in(alias.description);
    if (number > change.operation) {
      return fail(Code::conflict,
                  fmt::format("the alias {} of {} carries number {}, ours was {}", place.alias,
                              place.function, number, change.operation));
    }
    if (number == change.operation && alias.number == target.number && !alias.is_split)
      return Progress::done;
    const auto answer =
        ask(http::Method::put, place.path + "/aliases/" + encode(place.alias),
            json::Object{{"FunctionVersion", target.number},
                         {"Description", fmt::format("{}, {}{}", change.version.text,
                                                     operation_mark, change.operation)},
                         {"RevisionId", alias.revision},
                         {"RoutingConfig", {{"AdditionalVersionWeights", json::Object()}}}},
            "pointing the alias " + place.alias + " of", place.function);
    // Refused where somebody wrote since, which may have been ourselves: the next look tells.
    if (!answer && answer.error().code != Code::conflict) return fail(answer.error());
  }
  return Progress::under_way;
}

Result<Progress> FunctionVersions::replace_code(const Place& place, const Switch& change) {
  const auto now = TRY(read_function(place));
  if (now.is_busy()) return Progress::under_way;
  const std::string known = place.function + " " + change.key;
  {
    const std::lock_guard lock(mutex_);
    const auto ours = codes_.find(known);
    if (ours != codes_.end() && now.update == "Failed") {
      return fail(Code::unavailable,
                  fmt::format("the update of {} failed: {}", place.function, one_line(now.reason)));
    }
    if (ours != codes_.end() && ours->second != now.code) {
      return fail(Code::conflict,
                  fmt::format("somebody else has put other code into {} since", place.function));
    }
    if (ours != codes_.end()) return Progress::done;
  }
  const auto key = fill_in(place.source->key, {{"environment", change.environment.name},
                                               {"version", change.version.text}});
  const auto bucket = fill_in(place.source->bucket, {{"environment", change.environment.name}});
  const auto answer =
      ask(http::Method::put, place.path + "/code",
          json::Object{{"S3Bucket", bucket}, {"S3Key", key}, {"RevisionId", now.revision}},
          fmt::format("putting {}/{} into", bucket, key), place.function);
  if (!answer && answer.error().code == Code::conflict) return Progress::under_way;
  if (!answer) return fail(answer.error());
  const auto updated = TRY(Function::read(json::Reader(*answer)));
  const std::lock_guard lock(mutex_);
  std::erase_if(codes_,
                [&](const auto& each) { return each.first.starts_with(place.function + " "); });
  codes_[known] = updated.code;
  return updated.update == "Successful" ? Progress::done : Progress::under_way;
}

Result<VersionSeen> FunctionVersions::live(const Environment& environment) {
  const auto place = TRY(place_of(environment));
  if (!place) return fail(Code::not_found, "no function is configured for " + environment.name);
  return place->alias.empty() ? live_by_code(*place) : live_by_alias(*place);
}

Result<VersionSeen> FunctionVersions::live_by_alias(const Place& place) {
  const auto alias = TRY(read_alias(place));
  const auto function = TRY(read_function(place, alias.number));
  VersionSeen seen;
  if (alias.is_split) {
    seen.detail = fmt::format("the alias {} shares its calls between versions", place.alias);
    return seen;
  }
  const auto version = parse_version(function.description);
  if (!version) {
    seen.detail = fmt::format("version {} of {} says no release in its description", alias.number,
                              place.function);
    return seen;
  }
  seen.seen = true;
  seen.version = *version;
  seen.detail = fmt::format("by the alias {} of {}: its version {}, code {}", place.alias,
                            place.function, alias.number, one_line(function.code, 60));
  return seen;
}

// The code itself says no version; a published one with the same code does.
Result<VersionSeen> FunctionVersions::live_by_code(const Place& place) {
  const auto now = TRY(read_function(place));
  VersionSeen seen;
  seen.detail = fmt::format("no published version of {} has its code {}", place.function,
                            one_line(now.code, 60));
  if (now.is_busy()) seen.detail = fmt::format("{} is being updated", place.function);
  if (now.is_busy() || now.code.empty()) return seen;
  std::int64_t newest = 0;
  for (const auto& each : TRY(versions_of(place))) {
    const auto version = parse_version(each.description);
    if (each.code != now.code || !version || as_number(each.number) < newest) continue;
    newest = as_number(each.number);
    seen.seen = true;
    seen.version = *version;
    seen.detail = fmt::format("by the code of {}, which is that of its version {}", place.function,
                              each.number);
  }
  return seen;
}

SwitchHook function_after_switch(FunctionVersions& functions) {
  return {[&functions](const Switch& change) { return functions.make_live(change); }};
}

Result<VersionSeen> LiveFunction::read(const Environment& environment) {
  const Pointer pointer = TRY(artifacts_.pointer(environment));
  auto live = functions_.live(environment);
  VersionSeen seen;
  if (live) {
    seen = *std::move(live);
  } else {
    seen.detail = one_line(live.error().message);
  }
  seen.operation = pointer.operation;
  return seen;
}

}  // namespace stepback::aws
