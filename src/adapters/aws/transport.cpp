// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/transport.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace stepback {
std::string_view amazon_roots();  // embedded: roots/amazon.pem
}  // namespace stepback

namespace stepback::aws {
namespace {

// The first of these that is set and not empty.
std::string first_of(const std::map<std::string, std::string>& variables,
                     std::initializer_list<const char*> names) {
  for (const auto* name : names) {
    const auto found = variables.find(name);
    if (found != variables.end() && !found->second.empty()) return found->second;
  }
  return {};
}

std::string authorities_in(const std::map<std::string, std::string>& variables) {
  return first_of(variables, {"AWS_CA_BUNDLE", "SSL_CERT_FILE"});
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// "example.com", ".example.com" and "*.example.com" all mean the name and what is below it.
bool is_below(std::string_view host, std::string_view name) {
  if (name.starts_with('*')) name.remove_prefix(1);
  if (name.starts_with('.')) name.remove_prefix(1);
  if (name.empty() || host.size() < name.size()) return false;
  const auto end = host.substr(host.size() - name.size());
  const bool is_whole = host.size() == name.size() || host[host.size() - name.size() - 1] == '.';
  return is_whole && http::equal_ignoring_case(end, name);
}

bool is_excepted(const http::Url& url, std::string_view exceptions) {
  while (!exceptions.empty()) {
    const auto comma = std::min(exceptions.find(','), exceptions.size());
    auto name = trimmed(exceptions.substr(0, comma));
    exceptions.remove_prefix(std::min(comma + 1, exceptions.size()));
    if (name == "*") return true;
    const auto colon = name.rfind(':');
    if (colon != std::string_view::npos && name.find(':') == colon) {
      if (name.substr(colon + 1) != std::to_string(url.port)) continue;
      name = name.substr(0, colon);
    }
    if (is_below(url.host, name)) return true;
  }
  return false;
}

bool is_near(const std::string& host) {
  if (host == "localhost" || host.starts_with("127.") || host == "::1") return true;
  const auto address = http::address_of(host, 0);
  return address && address->is_link_local();
}

}  // namespace

Transport::Transport(TransportConfig config) : config_(std::move(config)) {}

Result<http::Response> Transport::send(const http::Call& call) {
  auto client = take();
  const bool was_wide = is_wide();
  auto response = client->send(call);
  // Refused before anything was sent: the handshake comes first.
  const bool is_refused = !response && response.error().code == Code::denied && call.url.is_secure;
  if (is_refused && !was_wide && widen()) response = client->send(call);
  give_back(std::move(client));
  return response;
}

Result<std::optional<http::Url>> Transport::proxy_for(const http::Url& url) const {
  const auto& variables = config_.variables;
  const auto named = url.is_secure ? first_of(variables, {"HTTPS_PROXY", "https_proxy"})
                                   : first_of(variables, {"HTTP_PROXY", "http_proxy"});
  if (named.empty() || is_near(url.host)) return std::optional<http::Url>();
  if (is_excepted(url, first_of(variables, {"NO_PROXY", "no_proxy"})))
    return std::optional<http::Url>();
  // What is wrong is not repeated: such an address may hold a password.
  auto proxy = http::parse_url(named.contains("://") ? named : "http://" + named);
  if (!proxy)
    return fail(Code::invalid, "the proxy named by the variables is no address without a password");
  if (proxy->is_secure) return fail(Code::invalid, "the proxy must be spoken to by http");
  return std::optional<http::Url>(*std::move(proxy));
}

Result<Transport::SharedTrust> Transport::trust() {
  const std::lock_guard lock(mutex_);
  if (trust_) return trust_;
  const auto file = authorities_in(config_.variables);
  auto loaded =
      file.empty() && !is_wide_ ? http::Trust::load_text(amazon_roots()) : http::Trust::load(file);
  if (!loaded) return fail(loaded.error());
  trust_ = std::make_shared<const http::Trust>(*std::move(loaded));
  return trust_;
}

bool Transport::is_wide() {
  const std::lock_guard lock(mutex_);
  return is_wide_;
}

bool Transport::widen() {
  const std::lock_guard lock(mutex_);
  if (!authorities_in(config_.variables).empty()) return false;
  if (is_wide_) return true;
  is_wide_ = true;
  trust_.reset();
  return true;
}

std::unique_ptr<http::Client> Transport::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto client = std::move(idle_.back());
      idle_.pop_back();
      return client;
    }
  }
  return std::make_unique<http::Client>(
      http::Client::Options{.allow_link_local = config_.allow_link_local,
                            .authorities = {},
                            .name_servers = config_.name_servers,
                            .trust = [this] { return trust(); },
                            .proxy = [this](const http::Url& url) { return proxy_for(url); }});
}

void Transport::give_back(std::unique_ptr<http::Client> client) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < config_.most_idle_clients) idle_.push_back(std::move(client));
}

}  // namespace stepback::aws
