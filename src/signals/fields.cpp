// SPDX-License-Identifier: Apache-2.0
#include "signals/fields.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace stepback::signals {

std::unexpected<RefusedEvent> refused(EventRefusal refusal, std::string why) {
  return std::unexpected(RefusedEvent{refusal, std::move(why)});
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
}

Checked<std::string> text_of(const json::Reader& reader, std::string_view key,
                             std::size_t longest) {
  if (!reader.has(key)) {
    return refused(EventRefusal::missing_field, reader.wrong(key, "is missing").message);
  }
  auto text = reader.text(key);
  if (!text) return refused(EventRefusal::wrong_field, text.error().message);
  if (text->empty() || text->size() > longest || has_control(*text)) {
    const auto what = fmt::format("expected 1 to {} bytes without control characters", longest);
    return refused(EventRefusal::wrong_field, reader.wrong(key, what).message);
  }
  return *std::move(text);
}

Checked<std::string> text_or_none(const json::Reader& reader, std::string_view key,
                                  std::size_t longest) {
  const auto text = reader.optional_text(key);
  if (!text) return refused(EventRefusal::wrong_field, text.error().message);
  if (!*text || (*text)->empty()) return std::string();
  return text_of(reader, key, longest);
}

Checked<std::string> reason_of(const json::Reader& reader, std::string_view key) {
  auto reason = reader.text_or(key, "");
  if (!reason) return refused(EventRefusal::wrong_field, reason.error().message);
  return cut(*std::move(reason));
}

Checked<json::Reader> object_of(const json::Reader& reader, std::string_view key) {
  if (!reader.has(key)) {
    return refused(EventRefusal::missing_field, reader.wrong(key, "is missing").message);
  }
  auto object = reader.object(key);
  if (!object) return refused(EventRefusal::wrong_field, object.error().message);
  return *std::move(object);
}

Checked<std::vector<json::Reader>> list_of(const json::Reader& reader, std::string_view key) {
  auto list = reader.optional_array(key);
  if (!list) return refused(EventRefusal::wrong_field, list.error().message);
  return *std::move(list);
}

Checked<Instant> time_of(const json::Reader& reader, std::string_view key) {
  TRY(text_of(reader, key));
  const auto instant = reader.instant(key);
  if (!instant) return refused(EventRefusal::not_a_time, instant.error().message);
  return *instant;
}

Checked<> expect(const json::Reader& reader, std::string_view key, std::string_view expected,
                 EventRefusal refusal) {
  const auto text = TRY(text_of(reader, key));
  if (text == expected) return {};
  std::string quoted;
  json::append_quoted(quoted, text);
  return refused(refusal,
                 reader.wrong(key, fmt::format("expected {}, not {}", expected, quoted)).message);
}

Checked<std::optional<Environment>> environment_of(const json::Reader& reader,
                                                   std::string_view key) {
  const auto name = TRY(text_or_none(reader, key));
  if (name.empty()) return std::nullopt;
  auto environment = parse_environment(name);
  if (!environment) {
    return refused(EventRefusal::wrong_field,
                   reader.wrong(key, environment.error().message).message);
  }
  return *std::move(environment);
}

std::string text_if_any(const json::Reader& reader, std::string_view key) {
  return reader.text_or(key, "").value_or("");
}

std::optional<json::Reader> object_if_any(const json::Reader& reader, std::string_view key) {
  auto object = reader.optional_object(key);
  return object ? *std::move(object) : std::nullopt;
}

Version version_if_any(std::string_view text) { return parse_version(text).value_or(Version{}); }

std::string cut(std::string text, std::size_t longest) {
  if (text.size() <= longest) return text;
  while (longest > 0 && (static_cast<unsigned char>(text[longest]) & 0xC0) == 0x80) --longest;
  text.resize(longest);
  return text;
}

}  // namespace stepback::signals
