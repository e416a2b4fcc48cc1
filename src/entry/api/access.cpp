// SPDX-License-Identifier: Apache-2.0
#include "entry/api/access.hpp"

#include <algorithm>

#include "base/digest.hpp"
#include "base/secret.hpp"
#include "entry/api/problems.hpp"

namespace stepback {
namespace {

constexpr std::string_view bearer = "Bearer ";
constexpr std::string_view cookie_name = "stepback-session";
constexpr std::string_view csrf_header = "X-Stepback-CSRF";
constexpr std::string_view how_to_get_in = "stepback token add NAME --role operator";
constexpr Duration session_lasts = hours(12);
constexpr std::size_t most_sessions = 4096;
constexpr std::size_t most_verified = 256;

const TokenRecord* find(const TokenRecords& tokens, std::string_view id) {
  const auto found = std::ranges::find(tokens, id, &TokenRecord::id);
  return found == tokens.end() ? nullptr : &*found;
}

// "a=1; stepback-session=..; b=2"
std::optional<std::string> cookie_in(const http::Request& request) {
  std::string_view rest = request.headers.find("Cookie").value_or("");
  while (!rest.empty()) {
    auto item = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    item.remove_prefix(std::min(item.find_first_not_of(' '), item.size()));
    const auto equals = item.find('=');
    if (equals != std::string_view::npos && item.substr(0, equals) == cookie_name)
      return std::string(item.substr(equals + 1));
  }
  return std::nullopt;
}

bool is_change(const http::Request& request) {
  return request.method != http::Method::get && request.method != http::Method::head;
}

// A page says where it is from with every change that it asks for.
bool is_from_elsewhere(const http::Request& request) {
  const auto site = request.headers.find("Sec-Fetch-Site");
  if (site && *site != "same-origin" && *site != "none") return true;
  const auto origin = request.headers.find("Origin");
  if (!origin) return false;
  const auto scheme_end = origin->find("://");
  if (scheme_end == std::string_view::npos) return true;
  return !http::equal_ignoring_case(origin->substr(scheme_end + 3),
                                    request.headers.find("Host").value_or(""));
}

// What a form can send without being asked whether it may.
bool is_plain_form(const http::Request& request) {
  const auto type = request.headers.find("Content-Type").value_or("");
  return !request.body.empty() && !type.starts_with("application/json");
}

}  // namespace

Access::Access(Options options, const Clock& clock, const Log& log)
    : options_(std::move(options)), clock_(clock), log_(log), random_(entropy()) {}

bool Access::needs_sign_in(const TokenRecords& tokens) const {
  return options_.open_to_others || !tokens.empty();
}

std::string Access::fresh_secret() {
  const std::lock_guard lock(mutex_);
  std::string bytes;
  // Each from the system: what is guessed from one tells nothing of the next.
  for (int i = 0; i < 4; ++i) bytes += std::to_string(entropy()) + "/";
  return sha256_hex(bytes + std::to_string(random_.next()));
}

Result<TokenRecord> Access::check_token(std::string_view token) {
  const auto parts = TRY(parts_of_token(token));
  const auto tokens = options_.tokens();
  const auto* record = find(tokens, parts.id);
  if (record == nullptr) return fail(Code::denied, "this token is not known here");
  const auto digest = sha256_hex(token);
  {
    const std::lock_guard lock(mutex_);
    const auto known = verified_.find(digest);
    if (known != verified_.end() && known->second == record->id) return *record;
  }
  const std::lock_guard one(checking_);
  const auto hash = TRY(hash_of(Secret(std::string(parts.secret)), record->salt));
  if (!equal_in_constant_time(hash, record->hash))
    return fail(Code::denied, "this token is not known here");
  const std::lock_guard lock(mutex_);
  if (verified_.size() >= most_verified) verified_.clear();
  verified_[digest] = record->id;
  return *record;
}

Result<Access::Known> Access::by_cookie(const std::string& cookie) {
  const auto tokens = options_.tokens();
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(sha256_hex(cookie));
  const bool valid = found != sessions_.end() && clock_.now() < found->second.until;
  const auto* record = valid ? find(tokens, found->second.token_id) : nullptr;
  if (record == nullptr) return fail(Code::denied, "the session is over: sign in again");
  return Known{{record->name, record->role}, found->second.csrf};
}

Result<Access::Known> Access::known(const http::Request& request) {
  const auto header = request.headers.find("Authorization");
  if (header && header->starts_with(bearer)) {
    const auto record = TRY(check_token(header->substr(bearer.size())));
    return Known{{record.name, record.role}, std::nullopt};
  }
  if (const auto cookie = cookie_in(request)) return by_cookie(*cookie);
  if (needs_sign_in(options_.tokens())) return fail(Code::denied, "a token is needed here");
  return Known{{"local", CallerRole::approver}, std::nullopt};
}

http::Response Access::refuse(const http::Request& request, int status, const std::string& why) {
  log_.warning("refused", {{"peer", request.peer}, {"path", request.path}, {"why", why}});
  auto response = http::problem(status, why, how_to_get_in);
  if (status == 401) response.headers.add("WWW-Authenticate", "Bearer realm=\"stepback\"");
  return response;
}

Access::Admission Access::admit(const http::Request& request, Right right) {
  if (is_change(request) && is_from_elsewhere(request))
    return refuse(request, 403, "a page of another site may change nothing here");
  if (is_change(request) && is_plain_form(request))
    return http::problem(400, "a body is sent as Content-Type: application/json", "stepback help");
  const auto who = known(request);
  if (!who) {
    return who.error().code == Code::denied ? refuse(request, 401, who.error().message)
                                            : refusal(who.error());
  }
  if (is_change(request) && who->csrf &&
      !equal_in_constant_time(*who->csrf, request.headers.find(csrf_header).value_or("")))
    return refuse(request, 403, "X-Stepback-CSRF is not the session's own");
  if (!may(who->caller.role, right)) {
    return refuse(request, 403,
                  who->caller.name + " is " + std::string(name_of(who->caller.role)) +
                      ", and this takes the right to " + std::string(name_of(right)));
  }
  return who->caller;
}

json::Value Access::describe(const std::optional<Known>& known) const {
  const auto allowed = [&](Right right) { return known && may(known->caller.role, right); };
  json::Object object;
  object["schema"] = "stepback/v1/session";
  object["service"] = json::Value(options_.service);
  object["version"] = STEPBACK_VERSION;
  object["signInNeeded"] = needs_sign_in(options_.tokens());
  object["may"] = json::Object{{"read", allowed(Right::read)},
                               {"act", allowed(Right::act)},
                               {"approve", allowed(Right::approve)}};
  if (!known) return object;
  object["name"] = json::Value(known->caller.name);
  object["role"] = json::Value(name_of(known->caller.role));
  if (known->csrf) object["csrf"] = json::Value(*known->csrf);
  return object;
}

http::Response Access::session(const http::Request& request) {
  const auto who = known(request);
  auto response =
      http::json_response(200, json::write(describe(who ? std::optional(*who) : std::nullopt)));
  response.headers.add("Cache-Control", "no-store");
  return response;
}

http::Response Access::sign_in(const http::Request& request) {
  if (is_from_elsewhere(request))
    return refuse(request, 403, "a page of another site may change nothing here");
  const auto body = json::parse(request.body);
  if (!body) return http::problem(400, body.error().message, how_to_get_in);
  const json::Reader reader(*body);
  const auto token = reader.text("token");
  if (!token) return http::problem(400, token.error().message, how_to_get_in);
  const auto record = check_token(*token);
  if (!record) return refuse(request, 401, record.error().message);
  const auto cookie = fresh_secret();
  Session session{record->id, fresh_secret(), clock_.now() + session_lasts};
  const Known known{{record->name, record->role}, session.csrf};
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(sessions_, [&](const auto& each) { return each.second.until <= clock_.now(); });
    if (sessions_.size() >= most_sessions) sessions_.erase(sessions_.begin());
    sessions_[sha256_hex(cookie)] = std::move(session);
  }
  log_.info("signed in", {{"name", record->name}, {"peer", request.peer}});
  auto response = http::json_response(200, json::write(describe(known)));
  response.headers.add("Set-Cookie", std::string(cookie_name) + "=" + cookie +
                                         "; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200" +
                                         (options_.encrypted ? "; Secure" : ""));
  response.headers.add("Cache-Control", "no-store");
  return response;
}

http::Response Access::sign_out(const http::Request& request) {
  if (const auto cookie = cookie_in(request); cookie && !is_from_elsewhere(request)) {
    const std::lock_guard lock(mutex_);
    sessions_.erase(sha256_hex(*cookie));
  }
  http::Response response{.status = 204};
  response.headers.add(
      "Set-Cookie", std::string(cookie_name) + "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
  return response;
}

}  // namespace stepback
