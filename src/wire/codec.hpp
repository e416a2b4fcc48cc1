// SPDX-License-Identifier: Apache-2.0
#pragma once

// Codec: the one JSON shape of each record, in both directions. Stores keep it, the API and the
// command line show it. Every document says what it is ("schema":"stepback/v1/rollback"); one with
// another schema is refused, not guessed at. What is written is read back exactly. Any thread.
//
//   const std::string document = to_document(rollback);
//   const auto rollback = TRY(from_document<Rollback>(document));

#include <concepts>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "domain/head.hpp"
#include "domain/notice.hpp"
#include "domain/rollback.hpp"
#include "domain/signal.hpp"

namespace stepback {

template <class T>
concept Record =
    std::same_as<T, Head> || std::same_as<T, Run> || std::same_as<T, Deployment> ||
    std::same_as<T, Rollback> || std::same_as<T, TriggerRecord> || std::same_as<T, Signal> ||
    std::same_as<T, Notice> || std::same_as<T, JournalEntry> || std::same_as<T, Validation>;

template <Record T>
inline constexpr std::string_view schema_of = "";
template <>
inline constexpr std::string_view schema_of<Head> = "stepback/v1/head";
template <>
inline constexpr std::string_view schema_of<Run> = "stepback/v1/run";
template <>
inline constexpr std::string_view schema_of<Deployment> = "stepback/v1/deployment";
template <>
inline constexpr std::string_view schema_of<Rollback> = "stepback/v1/rollback";
template <>
inline constexpr std::string_view schema_of<TriggerRecord> = "stepback/v1/trigger";
template <>
inline constexpr std::string_view schema_of<Signal> = "stepback/v1/signal";
template <>
inline constexpr std::string_view schema_of<Notice> = "stepback/v1/notice";
template <>
inline constexpr std::string_view schema_of<JournalEntry> = "stepback/v1/journal-entry";
template <>
inline constexpr std::string_view schema_of<Validation> = "stepback/v1/validation";

// Compact, on one line. Texts must be UTF-8; what is not is replaced.
template <Record T>
std::string to_document(const T& record);

// The same as a value, for putting into a larger document.
template <Record T>
json::Value to_json(const T& record);

// invalid, with the path of the field: another schema, a field that must be there and is not, a
// value of another kind, an unknown name of a choice. Unknown fields are ignored.
template <Record T>
Result<T> from_document(std::string_view document);
template <Record T>
Result<T> from_json(const json::Value& value);

inline constexpr std::size_t longest_document = std::size_t{8} * 1024 * 1024;

}  // namespace stepback
