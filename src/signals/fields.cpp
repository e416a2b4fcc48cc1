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

const json::Value* value_in(const json::Reader& reader, std::string_view key) {
  const json::Value& value = reader.value();
  const json::Value* found = value.is_object() ? value.get_object().if_contains(key) : nullptr;
  return found != nullptr && !found->is_null() ? found : nullptr;
}

Checked<std::string_view> any_view_of(const json::Reader& reader, std::string_view key) {
  const auto* value = value_in(reader, key);
  if (value == nullptr) return std::string_view();
  if (!value->is_string())
    return refused(EventRefusal::wrong_field, reader.wrong(key, "expected text").message);
  return std::string_view(value->get_string());
}

Checked<std::string_view> view_of(const json::Reader& reader, std::string_view key,
                                  std::size_t longest) {
  if (!has(reader, key)) {
    return refused(EventRefusal::missing_field, reader.wrong(key, "is missing").message);
  }
  const auto text = TRY(any_view_of(reader, key));
  if (text.empty() || text.size() > longest || has_control(text)) {
    const auto what = fmt::format("expected 1 to {} bytes without control characters", longest);
    return refused(EventRefusal::wrong_field, reader.wrong(key, what).message);
  }
  return text;
}

Checked<std::string> text_of(const json::Reader& reader, std::string_view key,
                             std::size_t longest) {
  return std::string(TRY(view_of(reader, key, longest)));
}

Checked<std::string> text_or_none(const json::Reader& reader, std::string_view key,
                                  std::size_t longest) {
  const auto text = TRY(any_view_of(reader, key));
  if (text.empty()) return std::string();
  return text_of(reader, key, longest);
}

Checked<std::string> reason_of(const json::Reader& reader, std::string_view key) {
  return cut(std::string(TRY(any_view_of(reader, key))));
}

Checked<json::Reader> object_of(const json::Reader& reader, std::string_view key) {
  if (!has(reader, key)) {
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
  const auto instant = parse_rfc3339(TRY(view_of(reader, key)));
  if (instant) return *instant;
  return refused(EventRefusal::not_a_time, reader.wrong(key, instant.error().message).message);
}

Checked<> expect(const json::Reader& reader, std::string_view key, std::string_view expected,
                 EventRefusal refusal) {
  const auto text = TRY(view_of(reader, key));
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
