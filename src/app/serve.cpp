// SPDX-License-Identifier: Apache-2.0
#include "app/serve.hpp"

#include <fmt/core.h>

#include <charconv>
#include <ostream>

#include "app/server_lock.hpp"
#include "base/pool.hpp"
#include "entry/api/api.hpp"
#include "http/client.hpp"
#include "http/server.hpp"

namespace stepback {
namespace {

constexpr int configuration_invalid = 6;
constexpr int unavailable = 7;
constexpr Duration alarm_tick = Duration(100);
constexpr Duration stop_within = seconds(5);

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

Result<Address> address_of(const Config& config, const std::string& listen) {
  if (listen.empty()) return Address{config.server.host, config.server.port};
  const auto colon = listen.rfind(':');
  int port = -1;
  if (colon != std::string::npos) {
    std::from_chars(listen.data() + colon + 1, listen.data() + listen.size(), port);
  }
  if (port < 0 || port > 65535)
    return fail(Code::invalid, "--listen wants host:port, like 127.0.0.1:8431");
  Address address{listen.substr(0, colon), static_cast<std::uint16_t>(port)};
  const bool loopback =
      address.host == "localhost" || address.host.starts_with("127.") || address.host == "::1";
  if (!loopback && !config.server.allow_remote) {
    return fail(Code::invalid,
                address.host +
                    " is open to other machines; server.allowRemote must say that this is meant");
  }
  return address;
}

Result<Authentication::Options> senders(const IngestConfig& ingest, const Variables& variables) {
  Authentication::Options options;
  if (ingest.token) options.token = TRY(read_secret(*ingest.token, variables));
  for (const auto& reference : ingest.secrets) {
    options.secrets.push_back(TRY(read_secret(reference, variables)));
  }
  return options;
}

Result<std::string> fetch_from_sns(const std::string& address) {
  http::Client client;
  const auto url = TRY(http::parse_url(address));
  auto response = TRY(client.send({.url = url}));
  if (response.status != 200) {
    return fail(Code::unavailable, fmt::format("it answered {}", response.status));
  }
  return std::move(response.body);
}

int refuse(std::ostream& err, const Error& error, std::string_view try_this) {
  err << "stepback: cannot serve\n    " << error.message << "\n    try: " << try_this << "\n";
  return error.code == Code::invalid || error.code == Code::denied ? configuration_invalid
                                                                   : unavailable;
}

}  // namespace

int serve(Assembly& assembly, const Variables& variables, const std::string& listen,
          std::ostream& out, std::ostream& err) {
  const Config& config = assembly.config();
  const auto address = address_of(config, listen);
  if (!address) return refuse(err, address.error(), "stepback serve --listen 127.0.0.1:8431");
  auto authentication = senders(config.server.ingest, variables);
  if (!authentication) return refuse(err, authentication.error(), "stepback config check");
  auto lock = ServerLock::take(config.state);
  if (!lock) return refuse(err, lock.error(), "stepback config show");

  Engine& engine = assembly.engine();
  Ingest ingest(engine.intake, engine.clock, assembly.log(),
                {.authentication = *std::move(authentication),
                 .hooks = config.server.ingest.hooks,
                 .prefix = config.prefix});
  Topics topics(ingest, engine.clock, assembly.log(),
                {.topics = config.server.ingest.topics, .fetch = fetch_from_sns});
  const auto runner = engine.make_runner();
  auto routes =
      api_routes({engine, ingest, topics, *runner, [&] { return assembly.check_records(); }});
  auto server = http::Server::start({.host = address->host, .port = address->port},
                                    std::move(routes), assembly.log());
  if (!server) return refuse(err, server.error(), "stepback serve --listen 127.0.0.1:0");

  assembly.set_runner(runner.get());
  runner->start();
  ThreadWaiter alarms_pause;
  {
    const auto watcher = start_thread("alarms", [&](std::stop_token) {
      do {
        engine.evaluate_alarms();
      } while (alarms_pause.wait(alarm_tick));
    });
    out << "stepback serves " << config.service << " on http://" << address->host << ":"
        << (*server)->port() << std::endl;
    while (assembly.waiter().wait(hours(1))) {
    }
    assembly.log().info("stopping", {});
    (*server)->stop(stop_within);
    ingest.stop();
    alarms_pause.stop();
  }
  assembly.set_runner(nullptr);
  runner->stop();
  return 0;
}

}  // namespace stepback
