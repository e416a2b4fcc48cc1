// SPDX-License-Identifier: Apache-2.0
#include "wire/codec.hpp"

#include "base/ensure.hpp"
#include "wire/shapes.hpp"

namespace stepback {
namespace {

constexpr json::Limits document_limits{.bytes = longest_document, .depth = 32};

}  // namespace

template <Record T>
std::string to_document(const T& record) {
  FieldWriter writer;
  writer.put_object(record, schema_of<T>);
  return writer.take();
}

template <Record T>
json::Value to_json(const T& record) {
  auto value = json::parse(to_document(record), document_limits);
  ENSURE(value.has_value());
  return *std::move(value);
}

template <Record T>
Result<T> from_json(const json::Value& value) {
  const json::Reader reader(value);
  const std::string schema = TRY(reader.text("schema"));
  if (schema != schema_of<T>) {
    return fail(reader.wrong(
        "schema", "expected " + std::string(schema_of<T>) + ", found " + schema.substr(0, 64)));
  }
  T record;
  TRY(FieldReader::get_object(reader, record));
  return record;
}

template <Record T>
Result<T> from_document(std::string_view document) {
  return from_json<T>(TRY(json::parse(document, document_limits)));
}

#define STEPBACK_CODEC(T)                           \
  template std::string to_document(const T&);       \
  template json::Value to_json(const T&);           \
  template Result<T> from_json(const json::Value&); \
  template Result<T> from_document(std::string_view)

STEPBACK_CODEC(Head);
STEPBACK_CODEC(Run);
STEPBACK_CODEC(Deployment);
STEPBACK_CODEC(Rollback);
STEPBACK_CODEC(TriggerRecord);
STEPBACK_CODEC(Signal);
STEPBACK_CODEC(Notice);
STEPBACK_CODEC(JournalEntry);
STEPBACK_CODEC(Validation);

#undef STEPBACK_CODEC

}  // namespace stepback
