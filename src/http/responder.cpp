// SPDX-License-Identifier: Apache-2.0
#include "http/responder.hpp"

#include <algorithm>
#include <utility>

#include "base/ensure.hpp"
#include "http/mailbox.hpp"

namespace stepback::http {
namespace {

void append_field(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(": ").append(value);
  // A line break here would begin a field of its own.
  const auto is_break = [](char c) { return c == '\n' || c == '\r' || c == '\0'; };
  const auto start = text.end() - static_cast<std::ptrdiff_t>(value.size());
  std::replace_if(start, text.end(), is_break, ' ');
  text += '\n';
}

}  // namespace

std::string as_text(const Event& event) {
  std::string text;
  if (!event.id.empty()) append_field(text, "id", event.id);
  if (!event.name.empty()) append_field(text, "event", event.name);
  for (std::string_view rest = event.data;;) {
    const auto line = std::min(rest.find('\n'), rest.size());
    append_field(text, "data", rest.substr(0, line));
    if (line == rest.size()) break;
    rest.remove_prefix(line + 1);
  }
  return text += '\n';
}

void Mailbox::put(Letter letter) {
  const std::scoped_lock lock(mutex_);
  if (is_closed_) return;
  letters_.push_back(std::move(letter));
  if (letters_.size() == 1) wake_();
}

void Mailbox::take(std::vector<Letter>& letters) {
  letters.clear();
  const std::scoped_lock lock(mutex_);
  letters.swap(letters_);
}

void Mailbox::close() {
  const std::scoped_lock lock(mutex_);
  is_closed_ = true;
  letters_.clear();
}

Stream::Stream(std::shared_ptr<Mailbox> mailbox, std::uint64_t connection,
               std::shared_ptr<StreamState> state)
    : mailbox_(std::move(mailbox)), connection_(connection), state_(std::move(state)) {}

Stream& Stream::operator=(Stream&& other) noexcept {
  if (this == &other) return *this;
  close();
  mailbox_ = std::move(other.mailbox_);
  connection_ = other.connection_;
  state_ = std::move(other.state_);
  return *this;
}

Stream::~Stream() { close(); }

bool Stream::is_open() const { return state_ != nullptr && !state_->is_over; }

bool Stream::send(const Event& event) {
  if (!is_open()) return false;
  std::string text = as_text(event);
  const std::size_t before = state_->bytes.fetch_add(text.size());
  if (before + text.size() > state_->most_bytes) {
    close();
    return false;
  }
  mailbox_->put({.connection = connection_, .request = 0, .content = StreamSays{std::move(text)}});
  return true;
}

void Stream::close() {
  if (!is_open()) return;
  state_->is_over = true;
  mailbox_->put({.connection = connection_, .request = 0, .content = StreamEnds{}});
}

Responder::Responder(std::shared_ptr<Mailbox> mailbox, std::uint64_t connection,
                     std::uint64_t request)
    : mailbox_(std::move(mailbox)), connection_(connection), request_(request) {}

Responder::~Responder() {
  if (mailbox_) send(problem(500, "the request was dropped without an answer"));
}

void Responder::send(Response response) {
  ENSURE(mailbox_ != nullptr);
  const auto mailbox = std::move(mailbox_);
  mailbox->put({.connection = connection_, .request = request_, .content = std::move(response)});
}

Stream Responder::stream() {
  ENSURE(mailbox_ != nullptr);
  auto mailbox = std::move(mailbox_);
  auto state = std::make_shared<StreamState>(mailbox->most_stream_bytes());
  mailbox->put({.connection = connection_, .request = request_, .content = StreamBegins{state}});
  return Stream(std::move(mailbox), connection_, std::move(state));
}

}  // namespace stepback::http
