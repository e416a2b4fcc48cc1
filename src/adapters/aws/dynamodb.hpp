// SPDX-License-Identifier: Apache-2.0
#pragma once

// DynamoDB: items as maps of typed attributes, and the few operations that the stores need. Reads
// are strongly consistent, but for an index, which never is. Any thread.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/aws/service.hpp"

namespace stepback::aws {

// An item: {"rev":{"N":"3"},"document":{"S":"..."}}.
using Item = json::Object;

json::Value text_value(std::string_view text);
json::Value number_value(std::int64_t number);
json::Value boolean_value(bool value);
json::Value texts_value(const std::vector<std::string>& texts);
// An attribute of an item; empty, 0 or none when it is not there or of another kind.
std::string text_in(const Item& item, std::string_view name);
std::int64_t number_in(const Item& item, std::string_view name);
std::vector<std::string> texts_in(const Item& item, std::string_view name);

struct Key {
  std::string partition;
  std::string sort;
};

// A condition or an update, with what stands for names and values: "#rev = :rev".
struct Expression {
  std::string text;
  std::vector<std::pair<std::string, std::string>> names;   // "#rev" → "rev"
  std::vector<std::pair<std::string, json::Value>> values;  // ":rev" → {"N":"3"}
};

// One part of a transaction; each part has another key.
struct Change {
  enum class Kind { put, update, check, erase } kind = Kind::put;
  std::string table;  // empty: the records' own
  Item item;          // put: the whole; the others: the key only
  Expression update;  // of an update
  Expression condition;
};

struct IndexQuery {
  std::string index;
  std::string partition_name;
  std::string partition;
  std::string sort_name;
  std::optional<std::int64_t> at_most;  // of the sort key
  bool newest_first = false;
  std::size_t limit = 50;
};

class DynamoDb {
 public:
  DynamoDb(Service& service, std::string table) : service_(service), table_(std::move(table)) {}

  static constexpr Dialect dialect{
      .id = "dynamodb", .signing = "", .target = "DynamoDB_20120810", .version = "1.0"};

  // The table with its indexes, for tests and for those without templates; there already: fine.
  Result<> create();

  Result<std::optional<Item>> get(const Key& key);
  // 1 to 100 different items as they were at one moment, in this order. Needs no right but get's.
  static constexpr std::size_t most_at_once = 100;
  Result<std::vector<std::optional<Item>>> get_together(std::span<const Key> keys);
  // All or nothing. A refusal has a word for each part: "ConditionalCheckFailed", "None".
  struct Cancelled {
    Error error;
    std::vector<std::string> reasons;  // as long as the changes; empty: it was not about them
    std::vector<Item> there;           // what was found where a condition failed
  };
  std::expected<void, Cancelled> transact(std::span<const Change> changes,
                                          const std::string& token);
  // not_found: the condition did not hold.
  Result<> update(const Key& key, const Expression& update, const Expression& condition);

  Result<std::vector<Item>> query(const IndexQuery& query);
  // Sort keys of a partition, from behind `after`.
  Result<std::vector<Item>> range(const std::string& partition, const std::string& after,
                                  const std::string& up_to, std::size_t limit);
  Result<std::vector<Item>> scan();

 private:
  Result<std::vector<Item>> pages(std::string_view operation, json::Object parameters,
                                  std::size_t limit);

  Service& service_;
  std::string table_;
};

}  // namespace stepback::aws
