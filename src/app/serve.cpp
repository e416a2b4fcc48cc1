// SPDX-License-Identifier: Apache-2.0
#include "app/serve.hpp"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <functional>
#include <ostream>
#include <sstream>
#include <thread>

#include "app/server_lock.hpp"
#include "app/tokens.hpp"
#include "base/pool.hpp"
#include "entry/api/api.hpp"
#include "entry/cli/cli.hpp"
#include "http/client.hpp"
#include "http/server.hpp"

namespace stepback {
namespace {

constexpr int configuration_invalid = 6;
constexpr int unavailable = 7;
constexpr Duration alarm_tick = Duration(100);
constexpr Duration live_tick = Duration(250);
constexpr Duration live_tick_far_away = seconds(2);
constexpr int text_width = 120;
constexpr std::size_t most_viewers = 1000;
constexpr Duration stop_within = seconds(5);

struct Address {
  std::string host;
  std::uint16_t port = 0;
  bool is_loopback = true;
};

bool is_loopback(const std::string& host) {
  return host == "localhost" || host.starts_with("127.") || host == "::1";
}

Result<Address> address_of(const Config& config, const std::string& listen) {
  const auto& server = config.server;
  if (listen.empty()) return Address{server.host, server.port, is_loopback(server.host)};
  const auto colon = listen.rfind(':');
  int port = -1;
  if (colon != std::string::npos) {
    std::from_chars(listen.data() + colon + 1, listen.data() + listen.size(), port);
  }
  if (port < 0 || port > 65535)
    return fail(Code::invalid, "--listen wants host:port, like 127.0.0.1:8431");
  Address address{listen.substr(0, colon), static_cast<std::uint16_t>(port)};
  address.is_loopback = is_loopback(address.host);
  if (!address.is_loopback && !config.server.allow_remote) {
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

// The names by which it may be asked for. A page that was lured here by another name is refused.
std::vector<std::string> names_of_server(const ServerConfig& server, const Address& address) {
  auto names = server.hosts;
  if (address.is_loopback) names.insert(names.end(), {"localhost", "127.0.0.1", "[::1]"});
  return names;
}

http::ServerOptions server_options(const ServerConfig& server, const Address& address) {
  return {.host = address.host,
          .port = address.port,
          .certificate = server.certificate,
          .key = server.key,
          .allowed_hosts = names_of_server(server, address),
          .most_streams = most_viewers};
}

// What the command of that name prints, for people without a terminal here.
Result<std::string> printed(Engine& engine, const std::string& command) {
  std::istringstream in;
  std::ostringstream out, err;
  cli::Terminal terminal{.in = in, .out = out, .err = err, .width = text_width};
  cli::Application application;
  application.engine = [&](const GlobalOptions&) -> Result<Engine*> { return &engine; };
  const std::array<const char*, 4> arguments{"stepback", command.c_str(), "--no-input",
                                             "--read-only"};
  const int exit =
      cli::run(static_cast<int>(arguments.size()), arguments.data(), terminal, application);
  if (exit != 0) return fail(Code::unavailable, err.str());
  return out.str();
}

// Carries one thing out again and again, on a thread of its own, until it is stopped.
class Repeated {
 public:
  Repeated(const std::string& name, Duration pause, std::function<void()> deed)
      : thread_(start_thread(name, [this, pause, deed = std::move(deed)](std::stop_token) {
          do {
            deed();
          } while (waiter_.wait(pause));
        })) {}
  ~Repeated() { waiter_.stop(); }
  Repeated(const Repeated&) = delete;
  Repeated& operator=(const Repeated&) = delete;

 private:
  ThreadWaiter waiter_;
  std::jthread thread_;
};

json::Value seen(const Environment& environment, const Proof& proof) {
  return json::Object{{"environment", json::Value(environment.name)},
                      {"verdict", json::Value(name_of(proof.readiness.verdict))},
                      {"asOf", json::Value(to_rfc3339(proof.at))}};
}

// What answers the API, wired to the engine; alive as long as the server.
struct Front {
  Front(Assembly& assembly, Authentication::Options senders, const Address& address,
        const Runner& runner)
      : config(assembly.config().server),
        engine(assembly.engine()),
        tokens(config.tokens),
        ingest(engine.intake, engine.clock, assembly.log(),
               {.authentication = std::move(senders),
                .hooks = config.ingest.hooks,
                .prefix = assembly.config().prefix}),
        topics(ingest, engine.clock, assembly.log(),
               {.topics = config.ingest.topics, .fetch = fetch_from_sns}),
        access({.open_to_others = !address.is_loopback,
                .encrypted = !config.certificate.empty(),
                .service = assembly.config().service,
                .tokens = [this] { return tokens.now(); }},
               engine.clock, assembly.log()),
        orders(engine.query, engine.intake, engine.settings, engine.clock),
        proofs(engine.query, engine.settings, engine.clock, assembly.log()),
        live(engine, {.most_viewers = most_viewers}),
        parts{engine,
              ingest,
              topics,
              runner,
              access,
              orders,
              proofs,
              live,
              [&assembly] { return assembly.check_records(); },
              [this](const std::string& command) { return printed(engine, command); }} {
    proofs.on_changed = [this](const Environment& environment, const Proof& proof) {
      live.tell("readiness", seen(environment, proof));
    };
  }

  const ServerConfig& config;
  Engine& engine;
  TokenFile tokens;
  Ingest ingest;
  Topics topics;
  Access access;
  Orders orders;
  Proofs proofs;
  Live live;
  ApiParts parts;
};

// Until somebody stops it.
void keep_serving(Assembly& assembly, Front& front) {
  Engine& engine = front.engine;
  const bool far_away = assembly.config().records.kind == RecordsKind::dynamodb;
  const Repeated alarms("alarms", alarm_tick, [&] { engine.evaluate_alarms(); });
  const Repeated telling("live", far_away ? live_tick_far_away : live_tick, [&] {
    if (const auto looked = front.live.look(); !looked)
      assembly.log().warning("viewers were not told", {{"why", looked.error().message}});
  });
  const Repeated proving("readiness", front.config.look_every,
                         [&] { front.proofs.look_everywhere(); });
  while (assembly.waiter().wait(hours(1))) {
  }
  assembly.log().info("stopping", {});
}

}  // namespace

int serve(Assembly& assembly, const Variables& variables, const std::string& listen,
          std::ostream& out, std::ostream& err) {
  const Config& config = assembly.config();
  const auto address = address_of(config, listen);
  if (!address) return refuse(err, address.error(), "stepback serve --listen 127.0.0.1:8431");
  auto authentication = senders(config.server.ingest, variables);
  if (!authentication) return refuse(err, authentication.error(), "stepback config check");
  if (const auto tokens = read_tokens(config.server.tokens); !tokens)
    return refuse(err, tokens.error(), "stepback token list");
  auto lock = ServerLock::take(config.state);
  if (!lock) return refuse(err, lock.error(), "stepback config show");

  const auto runner = assembly.engine().make_runner();
  Front front(assembly, *std::move(authentication), *address, *runner);
  auto server = http::Server::start(server_options(config.server, *address),
                                    api_routes(front.parts), assembly.log());
  if (!server) return refuse(err, server.error(), "stepback serve --listen 127.0.0.1:0");

  assembly.set_runner(runner.get());
  runner->start();
  out << "stepback serves " << config.service << " on "
      << (config.server.certificate.empty() ? "http://" : "https://") << address->host << ":"
      << (*server)->port() << std::endl;
  keep_serving(assembly, front);
  (*server)->stop(stop_within);
  front.ingest.stop();
  assembly.set_runner(nullptr);
  runner->stop();
  return 0;
}

}  // namespace stepback
