// SPDX-License-Identifier: Apache-2.0
#include "http/connection.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <charconv>
#include <exception>
#include <utility>

namespace stepback::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr Duration linger_within = seconds(1);
constexpr std::size_t most_discarded = 1024 * 1024;
constexpr std::size_t most_kept_capacity = 64 * 1024;  // of a buffer, between requests

constexpr std::string_view stream_header =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
    "X-Accel-Buffering: no\r\nConnection: close\r\n\r\n";

void append_number(std::string& out, std::size_t number) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

bool has_body(int status) { return status != 204 && status != 304; }

struct Framing {
  bool is_head = false;
  bool keeps_alive = true;
};

void serialise(std::string& out, const Response& response, Framing framing) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(response.status));
  out.append(" ").append(reason_of(response.status)).append("\r\n");
  if (!response.type.empty()) out.append("Content-Type: ").append(response.type).append("\r\n");
  if (has_body(response.status)) {
    out.append("Content-Length: ");
    append_number(out, response.body.size());
    out.append("\r\n");
  }
  for (std::size_t i = 0; i < response.headers.size(); ++i) {
    const auto [name, value] = response.headers[i];
    out.append(name).append(": ").append(value).append("\r\n");
  }
  if (!framing.keeps_alive) out.append("Connection: close\r\n");
  out.append("\r\n");
  if (has_body(response.status) && !framing.is_head) out.append(response.body);
}

const Identity* identity_in(Shard& shard) {
  const auto& identity = shard.surroundings().identity;
  return identity ? &*identity : nullptr;
}

// "shop.example:8080" without its port.
std::string_view name_in(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

}  // namespace

Connection::Connection(Shard& shard, std::uint64_t id, Socket socket)
    : shard_(shard),
      id_(id),
      wire_(std::move(socket), identity_in(shard)),
      parser_(shard.surroundings().options.limits) {
  error_code ignored;  // a peer that is gone already is found out by the first read
  auto& peer_socket = wire_.socket();
  peer_socket.non_blocking(true, ignored);
  peer_socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  const auto endpoint = peer_socket.remote_endpoint(ignored);
  peer_ = endpoint.address().to_string();
}

Connection::~Connection() { close(); }

void Connection::begin() {
  expect(Part::none);
  proceed();
}

void Connection::refuse() {
  keeps_alive_ = false;
  answer(problem(503, "there are too many connections"));
  proceed();
}

void Connection::on_readable() {
  awaits_readable_ = false;
  if (state_ == State::writing) write();  // TLS wanted to hear something first
  if (state_ == State::reading) read();
  if (state_ == State::streaming || state_ == State::lingering) discard();
  proceed();
}

void Connection::on_writable() {
  awaits_writable_ = false;
  if (state_ == State::reading) {
    read();  // TLS wanted to say something first
  } else {
    write();
  }
  proceed();
}

void Connection::on_letter(Letter& letter) {
  const bool is_awaited = state_ == State::answering && letter.request == request_;
  if (const auto* response = std::get_if<Response>(&letter.content)) {
    if (is_awaited) answer(*response);
  } else if (auto* begins = std::get_if<StreamBegins>(&letter.content)) {
    if (is_awaited) begin_stream(std::move(begins->state));
  } else if (const auto* says = std::get_if<StreamSays>(&letter.content)) {
    if (state_ == State::streaming) enqueue(says->text);
  } else if (state_ == State::streaming) {
    end_stream();
  }
  proceed();
}

// Wherever a connection stands it goes on from here: requests that came along with the last one,
// then a wait for more. A loop, for a peer may have sent hundreds at once.
void Connection::proceed() {
  while (state_ == State::reading && !in_.empty() && !needs_more_) feed({});
  const bool reads =
      state_ == State::reading || state_ == State::streaming || state_ == State::lingering;
  if (!reads || awaits_readable_) return;
  awaits_readable_ = true;
  shard_.await_readable(wire_.socket(), id_);
}

void Connection::read() {
  const auto buffer = shard_.buffer();
  error_code error;
  const std::size_t count = wire_.read_some(buffer, error);
  if (error == asio::error::would_block) {
    if (wire_.is_crossed() && !std::exchange(awaits_writable_, true))
      shard_.await_writable(wire_.socket(), id_);
    return;
  }
  if (error) return close();
  needs_more_ = false;
  feed({buffer.data(), count});
}

void Connection::discard() {
  const auto buffer = shard_.buffer();
  error_code error;
  discarded_ += wire_.read_some(buffer, error);
  if (error == asio::error::would_block) return;
  if (error || discarded_ > most_discarded) close();
}

void Connection::feed(std::string_view bytes) {
  const bool uses_in = !in_.empty();
  if (uses_in) bytes = in_.append(bytes);
  const Progress progress = parser_.feed(bytes);
  if (!progress.wrong.empty()) {
    keeps_alive_ = false;
    in_.clear();
    return answer(problem(progress.status, progress.wrong));
  }
  if (uses_in) {
    in_.erase(0, progress.used);
  } else {
    in_.assign(bytes.substr(progress.used));
  }
  if (!progress.done) {
    needs_more_ = true;
    return expect(parser_.has_header() ? Part::body : Part::header);
  }
  keeps_alive_ = parser_.keeps_alive();
  part_ = Part::none;
  dispatch(parser_.take());
}

void Connection::expect(Part part) {
  const ServerOptions& options = shard_.surroundings().options;
  if (part == part_ && part != Part::none) return;  // dripping bytes do not put the deadline off
  part_ = part;
  switch (part) {
    case Part::none: deadline_ = shard_.after(options.idle_within); return;
    case Part::header: deadline_ = shard_.after(options.header_within); return;
    case Part::body: break;
  }
  deadline_ = shard_.after(options.body_within);
  if (!parser_.wants_continue()) return;
  error_code ignored;  // 25 bytes always fit; a peer that is gone is found out by the next read
  wire_.write_some("HTTP/1.1 100 Continue\r\n\r\n", ignored);
}

void Connection::dispatch(Request request) {
  state_ = State::answering;
  deadline_ = 0;  // a handler answers in its own time; a Responder that is dropped answers too
  ++request_;
  is_head_ = request.method == Method::head;
  request.peer = peer_;
  if (!is_for_us(request)) return answer(problem(421, "this server goes by another name"));
  const auto [route, refusal] = shard_.surroundings().routes.find(request);
  if (route == nullptr) return answer(refusal);
  if (route->runs_at_once) return run_at_once(*route, std::move(request));
  hand_over(*route, std::move(request));
}

void Connection::run_at_once(const Routes::Route& route, Request request) {
  try {
    route.later(std::move(request), Responder(shard_.mailbox(), id_, request_));
  } catch (const std::exception& error) {
    shard_.surroundings().log.error("a handler failed", {{"error", error.what()}});
  }
}

void Connection::hand_over(const Routes::Route& route, Request request) {
  Surroundings& surroundings = shard_.surroundings();
  Pool::Work work = [&route, &log = surroundings.log, request = std::move(request),
                     responder = Responder(shard_.mailbox(), id_, request_)]() mutable {
    const std::string path = request.path;
    try {
      if (route.handler) {
        responder.send(route.handler(request));
      } else {
        route.later(std::move(request), std::move(responder));
      }
    } catch (const std::exception& error) {
      log.error("a handler failed", {{"path", path}, {"error", error.what()}});
    }
  };
  if (surroundings.handlers.submit(std::move(work))) return;
  Response busy = problem(503, "too many requests wait for an answer");
  busy.headers.add("Retry-After", "1");
  answer(busy);
}

bool Connection::is_for_us(const Request& request) const {
  const auto& names = shard_.surroundings().options.allowed_hosts;
  if (names.empty()) return true;
  const std::string_view asked = name_in(request.headers.find("Host").value_or(""));
  return std::ranges::any_of(names,
                             [&](const auto& name) { return equal_ignoring_case(name, asked); });
}

void Connection::answer(const Response& response) {
  if (shard_.surroundings().is_stopping) keeps_alive_ = false;
  serialise(out_, response, {.is_head = is_head_, .keeps_alive = keeps_alive_});
  state_ = State::writing;
  write();
}

void Connection::begin_stream(std::shared_ptr<StreamState> state) {
  Surroundings& surroundings = shard_.surroundings();
  if (is_head_ || surroundings.is_stopping ||
      surroundings.streams >= surroundings.options.most_streams) {
    state->is_over = true;
    keeps_alive_ = false;
    return answer(is_head_ ? Response{.status = 200, .type = "text/event-stream"}
                           : problem(503, "there are too many streams"));
  }
  ++surroundings.streams;
  stream_ = std::move(state);
  state_ = State::streaming;
  enqueue(stream_header);
  stream_->bytes += stream_header.size();
}

void Connection::end_stream() {
  stream_->is_over = true;
  if (out_.empty()) return linger();
  keeps_alive_ = false;
  state_ = State::writing;  // what is left, and then no more
}

void Connection::enqueue(std::string_view text) {
  out_.append(text);
  heartbeat_at_ = shard_.after(shard_.surroundings().options.heartbeat);
  if (!awaits_writable_) write();
}

void Connection::write() {
  while (sent_ < out_.size()) {
    error_code error;
    const std::size_t count = wire_.write_some(std::string_view(out_).substr(sent_), error);
    if (error == asio::error::would_block) {
      if (wire_.is_crossed()) {
        if (!std::exchange(awaits_readable_, true)) shard_.await_readable(wire_.socket(), id_);
      } else if (!std::exchange(awaits_writable_, true)) {
        shard_.await_writable(wire_.socket(), id_);
      }
      if (deadline_ == 0) deadline_ = shard_.after(shard_.surroundings().options.write_within);
      return;
    }
    if (error) return close();
    sent_ += count;
    deadline_ = 0;  // the peer reads
    if (stream_) stream_->bytes -= count;
  }
  written();
}

void Connection::written() {
  sent_ = 0;
  out_.clear();
  if (out_.capacity() > most_kept_capacity) out_.shrink_to_fit();
  if (state_ == State::streaming) return;
  if (!keeps_alive_) return linger();
  state_ = State::reading;
  needs_more_ = false;
  is_head_ = false;
  expect(Part::none);
}

// The peer may still be sending. To close now would reset the connection, and the reset could
// overtake the answer.
void Connection::linger() {
  wire_.end_writing();
  state_ = State::lingering;
  deadline_ = shard_.after(linger_within);
}

void Connection::on_tick() {
  if (state_ == State::streaming && shard_.now() >= heartbeat_at_) {
    constexpr std::string_view comment = ":\n\n";
    stream_->bytes += comment.size();
    enqueue(comment);
    proceed();
  }
  if (deadline_ == 0 || shard_.now() < deadline_) return;
  if (state_ != State::reading || part_ == Part::none) return close();
  keeps_alive_ = false;
  in_.clear();
  answer(
      problem(408, part_ == Part::header ? "the header took too long" : "the body took too long"));
  proceed();
}

void Connection::on_stop() {
  if (state_ == State::streaming) end_stream();
  if (state_ == State::reading && part_ == Part::none) close();
  proceed();
}

void Connection::close() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  if (stream_) {
    stream_->is_over = true;
    --shard_.surroundings().streams;
  }
  wire_.close();
  shard_.bury(id_);
}

}  // namespace stepback::http
