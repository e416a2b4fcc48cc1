// SPDX-License-Identifier: Apache-2.0
#include "http/client.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "http/parser.hpp"

namespace stepback::http {
namespace {

constexpr std::size_t largest_header = 16 * 1024;

bool carries_body(Method method) {
  return method == Method::post || method == Method::put || method == Method::patch;
}

// May be sent again when it is not known whether it arrived (RFC 9110, 9.2.2).
bool is_idempotent(Method method) { return method != Method::post && method != Method::patch; }

std::string serialised_header(const Call& call, bool in_full) {
  const Headers& headers = call.headers;
  std::string text = fmt::format("{} {} HTTP/1.1\r\n", name_of(call.method),
                                 in_full ? call.url.text() : call.url.target);
  const auto add = [&](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
  };
  const auto add_unless_given = [&](std::string_view name, std::string_view value) {
    if (!headers.find(name)) add(name, value);
  };
  add_unless_given("Host", call.url.authority());
  add_unless_given("User-Agent", "stepback/" STEPBACK_VERSION);
  add_unless_given("Accept", "*/*");
  add_unless_given("Accept-Encoding", "identity");
  if (!call.body.empty() || carries_body(call.method)) {
    add_unless_given("Content-Length", std::to_string(call.body.size()));
  }
  for (std::size_t i = 0; i < headers.size(); ++i) add(headers[i].first, headers[i].second);
  text.append("\r\n");
  return text;
}

// A short body goes with the header, in one packet; a long one is not copied.
constexpr std::size_t short_body = 64 * 1024;

Result<> send_all(const Call& call, bool in_full, Channel& channel, const Deadline& deadline) {
  std::string header = serialised_header(call, in_full);
  if (call.body.size() <= short_body) return channel.send(header.append(call.body), deadline);
  TRY(channel.send(header, deadline));
  return channel.send(call.body, deadline);
}

Error refused_answer(const Progress& progress, std::size_t most_bytes) {
  if (progress.is_too_large) {
    return {Code::invalid, fmt::format("the answer is larger than {} bytes", most_bytes)};
  }
  return {Code::corrupt, fmt::format("the answer is malformed: {}", progress.wrong)};
}

// A way through the proxy to the peer itself. Byte by byte, for what follows the answer is the
// peer's.
Result<> ask_for_tunnel(Channel& channel, const Url& url, const Deadline& deadline) {
  const auto host = url.host.contains(':') ? "[" + url.host + "]" : url.host;
  const auto name = fmt::format("{}:{}", host, url.port);
  TRY(channel.send(fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n", name), deadline));
  std::string answer;
  while (!answer.ends_with("\r\n\r\n")) {
    char byte = 0;
    const auto count = TRY(channel.receive({&byte, 1}, deadline));
    if (count == 0) return fail(Code::unavailable, "the proxy closed before it answered");
    answer += byte;
    if (answer.size() > largest_header) return fail(Code::corrupt, "the proxy's answer is no end");
  }
  const std::string_view line(answer.data(), answer.find('\r'));
  if (line.starts_with("HTTP/1.") && line.size() >= 12 && line[9] == '2') return {};
  return fail(Code::unavailable,
              fmt::format("the proxy refused: {}", line.substr(line.find(' ') + 1).substr(0, 100)));
}

}  // namespace

// One request on one connection.
struct Client::Exchange {
  Channel channel;
  bool in_full = false;        // the request names the origin, for a proxy
  bool got_bytes = false;      // something of the answer has come
  bool may_be_reused = false;  // the connection may carry another request
};

Result<Response> Client::send(const Call& call) {
  const std::string origin = call.url.origin();
  auto deadline = Deadline::start(call.within);
  if (!deadline) return fail(deadline.error().during(origin));
  auto response = attempt(call, *deadline);
  if (!response) return fail(response.error().during(origin));
  return response;
}

Result<std::optional<Url>> Client::proxy_for(const Url& url) const {
  if (!options_.proxy) return std::optional<Url>();
  return options_.proxy(url);
}

Result<Response> Client::attempt(const Call& call, const Deadline& deadline) {
  const std::string origin = call.url.origin();
  const auto proxy = TRY(proxy_for(call.url));
  const bool in_full = proxy && !call.url.is_secure;
  if (auto idle = take_idle(origin)) {
    Exchange reused{.channel = std::move(*idle), .in_full = in_full};
    auto response = exchange(call, deadline, reused);
    if (response && reused.may_be_reused) keep(origin, std::move(reused.channel));
    // A peer may close an idle connection at any time. If nothing came back on it, that is no
    // answer to this request: ask once more on a connection of its own.
    const bool was_stale = !response && response.error().code == Code::unavailable &&
                           !reused.got_bytes && is_idempotent(call.method);
    if (!was_stale) return response;
  }
  Exchange fresh{.channel = TRY(open(call.url, proxy, deadline)), .in_full = in_full};
  auto response = exchange(call, deadline, fresh);
  if (response && fresh.may_be_reused) keep(origin, std::move(fresh.channel));
  return response;
}

Result<Response> Client::exchange(const Call& call, const Deadline& deadline, Exchange& exchange) {
  const auto sent = send_all(call, exchange.in_full, exchange.channel, deadline);
  if (!sent && sent.error().code == Code::timeout) return fail(sent.error());
  // A peer may answer and close before it has read all; then the answer is what counts.
  ResponseParser parser({.header = largest_header, .body = call.most_bytes},
                        call.method == Method::head);
  std::array<char, 16 * 1024> buffer;
  std::string unused;
  for (;;) {
    const auto count = exchange.channel.receive(buffer, deadline);
    if (!count)
      return fail(sent || count.error().code == Code::timeout ? count.error() : sent.error());
    if (*count == 0 && !exchange.got_bytes) {
      return fail(Code::unavailable, "the connection was closed before an answer came");
    }
    exchange.got_bytes = true;
    unused.append(buffer.data(), *count);
    const Progress progress = *count == 0 ? parser.finish() : parser.feed(unused);
    if (!progress.wrong.empty()) return fail(refused_answer(progress, call.most_bytes));
    unused.erase(0, progress.used);
    if (!progress.done) continue;
    exchange.may_be_reused = sent && *count > 0 && unused.empty() && parser.keeps_alive();
    return parser.take();
  }
}

Result<Channel> Client::reach(const Url& url, const Deadline& deadline) {
  auto addresses = TRY(resolve({url.host, url.port}, deadline, options_.name_servers));
  if (!options_.allow_link_local) {
    const auto link_local = std::ranges::find_if(addresses, &Address::is_link_local);
    if (link_local != addresses.end()) {
      return fail(Code::denied,
                  fmt::format("{} is a link-local address, and not allowed", link_local->text()));
    }
  }
  return Channel::connect(addresses, deadline);
}

Result<> Client::secure(Channel& channel, const Url& url, const Deadline& deadline) {
  auto trust = trust_;
  if (options_.trust) {
    trust = TRY(options_.trust());
  } else if (!trust) {
    trust = trust_ = std::make_shared<const Trust>(TRY(Trust::load(options_.authorities)));
  }
  return channel.secure(*trust, url.host, deadline);
}

Result<Channel> Client::open(const Url& url, const std::optional<Url>& proxy,
                             const Deadline& deadline) {
  if (!proxy) {
    Channel channel = TRY(reach(url, deadline));
    if (url.is_secure) TRY(secure(channel, url, deadline));
    return channel;
  }
  auto channel = reach(*proxy, deadline);
  const auto by_way = "by the proxy " + proxy->origin();
  if (!channel) return fail(channel.error().during(by_way));
  if (!url.is_secure) return channel;
  const auto tunnel = ask_for_tunnel(*channel, url, deadline);
  if (!tunnel) return fail(tunnel.error().during(by_way));
  TRY(secure(*channel, url, deadline));
  return channel;
}

std::optional<Channel> Client::take_idle(const std::string& origin) {
  const auto is_same = [&](const Idle& idle) { return idle.origin == origin; };
  for (auto found = std::ranges::find_if(idle_, is_same); found != idle_.end();
       found = std::ranges::find_if(idle_, is_same)) {
    Channel channel = std::move(found->channel);
    idle_.erase(found);
    if (channel.is_quiet()) return channel;
  }
  return std::nullopt;
}

void Client::keep(const std::string& origin, Channel channel) {
  if (options_.idle == 0) return;
  if (idle_.size() >= options_.idle) idle_.erase(idle_.begin());
  idle_.push_back({origin, std::move(channel)});
}

}  // namespace stepback::http
