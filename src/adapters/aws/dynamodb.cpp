// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/dynamodb.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace stepback::aws {
namespace {

constexpr std::size_t most_in_a_page = 1000;
constexpr int most_tries = 3;  // to read what others write meanwhile

json::Object key_of(const Key& key) {
  return {{"pk", text_value(key.partition)}, {"sk", text_value(key.sort)}};
}

const json::Value* typed(const Item& item, std::string_view name, std::string_view type) {
  const auto* attribute = item.if_contains(name);
  if (attribute == nullptr || !attribute->is_object()) return nullptr;
  return attribute->as_object().if_contains(type);
}

void add_names_and_values(json::Object& parameters, const Expression& expression) {
  for (const auto& [key, list] :
       {std::pair<std::string_view, bool>{"ExpressionAttributeNames", true},
        {"ExpressionAttributeValues", false}}) {
    if (list ? expression.names.empty() : expression.values.empty()) continue;
    if (!parameters.contains(key)) parameters[key] = json::Object();
    auto& all = parameters[key].as_object();
    if (list)
      for (const auto& [name, attribute] : expression.names) all[name] = attribute;
    else
      for (const auto& [name, value] : expression.values) all[name] = value;
  }
}

void add_condition(json::Object& parameters, const Expression& condition) {
  if (condition.text.empty()) return;
  parameters["ConditionExpression"] = condition.text;
  add_names_and_values(parameters, condition);
}

json::Object part_of(const Change& change, const std::string& table) {
  constexpr std::array<std::string_view, 4> names{"Put", "Update", "ConditionCheck", "Delete"};
  json::Object part{{"TableName", change.table.empty() ? table : change.table}};
  part[change.kind == Change::Kind::put ? "Item" : "Key"] = change.item;
  if (change.kind == Change::Kind::update) {
    part["UpdateExpression"] = change.update.text;
    add_names_and_values(part, change.update);
  }
  add_condition(part, change.condition);
  part["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD";
  return {{names.at(static_cast<std::size_t>(change.kind)), std::move(part)}};
}

DynamoDb::Cancelled cancelled(const Refusal& refusal, std::size_t parts) {
  DynamoDb::Cancelled answer{.error = to_error(refusal), .reasons = {}, .there = {}};
  if (!refusal.body.is_object()) return answer;
  const auto* reasons = refusal.body.as_object().if_contains("CancellationReasons");
  if (reasons == nullptr || !reasons->is_array() || reasons->as_array().size() != parts)
    return answer;
  for (const auto& reason : reasons->as_array()) {
    const auto* code = reason.is_object() ? reason.as_object().if_contains("Code") : nullptr;
    const auto* item = reason.is_object() ? reason.as_object().if_contains("Item") : nullptr;
    answer.reasons.emplace_back(code != nullptr && code->is_string() ? code->as_string().c_str()
                                                                     : "");
    answer.there.push_back(item != nullptr && item->is_object() ? item->as_object() : Item());
  }
  return answer;
}

// In the order of the keys.
Result<std::vector<std::optional<Item>>> items_in(const json::Value& answer, std::size_t count) {
  const json::Reader from(answer);
  const auto responses = TRY(from.array("Responses"));
  if (responses.size() != count)
    return fail(from.wrong("Responses", fmt::format("expected {} items", count)));
  std::vector<std::optional<Item>> items(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto item = TRY(responses[i].optional_object("Item"));
    if (item) items[i] = item->value().as_object();
  }
  return items;
}

json::Object index(std::string_view name, std::string_view partition, std::string_view sort) {
  return {{"IndexName", name},
          {"KeySchema", json::Array{json::Object{{"AttributeName", partition}, {"KeyType", "HASH"}},
                                    json::Object{{"AttributeName", sort}, {"KeyType", "RANGE"}}}},
          {"Projection", json::Object{{"ProjectionType", "ALL"}}}};
}

}  // namespace

json::Value text_value(std::string_view text) { return json::Object{{"S", text}}; }
json::Value number_value(std::int64_t number) {
  return json::Object{{"N", std::to_string(number)}};
}
json::Value boolean_value(bool value) { return json::Object{{"BOOL", value}}; }
json::Value texts_value(const std::vector<std::string>& texts) {
  json::Array list;
  for (const auto& text : texts) list.push_back(text_value(text));
  return json::Object{{"L", std::move(list)}};
}

std::string text_in(const Item& item, std::string_view name) {
  const auto* value = typed(item, name, "S");
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::int64_t number_in(const Item& item, std::string_view name) {
  const auto* value = typed(item, name, "N");
  std::int64_t number = 0;
  if (value == nullptr || !value->is_string()) return number;
  const auto& digits = value->as_string();
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::vector<std::string> texts_in(const Item& item, std::string_view name) {
  std::vector<std::string> texts;
  const auto* list = typed(item, name, "L");
  if (list == nullptr || !list->is_array()) return texts;
  for (const auto& each : list->as_array())
    if (each.is_object()) texts.push_back(text_in({{"text", each}}, "text"));
  return texts;
}

Result<> DynamoDb::create() {
  json::Array attributes;
  for (const auto* name : {"pk", "sk", "list", "listed", "owner", "open"})
    attributes.push_back(json::Object{{"AttributeName", name}, {"AttributeType", "S"}});
  for (const auto* name : {"place", "due"})
    attributes.push_back(json::Object{{"AttributeName", name}, {"AttributeType", "N"}});
  const auto made = service_.call(
      "CreateTable",
      json::Object{
          {"TableName", table_},
          {"BillingMode", "PAY_PER_REQUEST"},
          {"AttributeDefinitions", std::move(attributes)},
          {"KeySchema", json::Array{json::Object{{"AttributeName", "pk"}, {"KeyType", "HASH"}},
                                    json::Object{{"AttributeName", "sk"}, {"KeyType", "RANGE"}}}},
          {"GlobalSecondaryIndexes",
           json::Array{index("by-list", "list", "place"),
                       index("by-environment", "listed", "place"),
                       index("by-owner", "owner", "place"), index("open", "open", "due")}}});
  if (!made && made.error().type != "ResourceInUseException") return fail(to_error(made.error()));
  return {};
}

Result<std::optional<Item>> DynamoDb::get(const Key& key) {
  const auto answer = service_.call(
      "GetItem",
      json::Object{{"TableName", table_}, {"Key", key_of(key)}, {"ConsistentRead", true}});
  if (!answer) return fail(to_error(answer.error()).during("reading table " + table_));
  const auto* item = answer->as_object().if_contains("Item");
  if (item == nullptr || !item->is_object()) return std::optional<Item>();
  return std::optional<Item>(item->as_object());
}

// Whoever writes one of them just then is in the way for milliseconds.
Result<std::vector<std::optional<Item>>> DynamoDb::get_together(std::span<const Key> keys) {
  const auto deed = "reading table " + table_;
  if (keys.empty() || keys.size() > most_at_once)
    return fail(Code::invalid, fmt::format("{}: {} items at once", deed, keys.size()));
  json::Array wanted;
  for (const auto& key : keys)
    wanted.push_back(
        json::Object{{"Get", json::Object{{"TableName", table_}, {"Key", key_of(key)}}}});
  const json::Object parameters{{"TransactItems", std::move(wanted)}};
  for (int tries = 1;; ++tries) {
    const auto answer = service_.call("TransactGetItems", parameters);
    if (answer) return items_in(*answer, keys.size());
    const bool is_in_the_way = answer.error().type == "TransactionCanceledException" &&
                               answer.error().message.contains("TransactionConflict");
    if (!is_in_the_way || tries == most_tries) return fail(to_error(answer.error()).during(deed));
  }
}

std::expected<void, DynamoDb::Cancelled> DynamoDb::transact(std::span<const Change> changes,
                                                            const std::string& token) {
  json::Array parts;
  for (const auto& change : changes) parts.push_back(part_of(change, table_));
  const auto answer = service_.call(
      "TransactWriteItems",
      json::Object{{"TransactItems", std::move(parts)}, {"ClientRequestToken", token}});
  if (!answer) return std::unexpected(cancelled(answer.error(), changes.size()));
  return {};
}

Result<> DynamoDb::update(const Key& key, const Expression& update, const Expression& condition) {
  json::Object parameters{
      {"TableName", table_}, {"Key", key_of(key)}, {"UpdateExpression", update.text}};
  add_names_and_values(parameters, update);
  add_condition(parameters, condition);
  const auto answer = service_.call("UpdateItem", parameters);
  if (answer) return {};
  auto error = to_error(answer.error());
  if (answer.error().type == "ConditionalCheckFailedException") error.code = Code::not_found;
  return fail(std::move(error));
}

Result<std::vector<Item>> DynamoDb::pages(std::string_view operation, json::Object parameters,
                                          std::size_t limit) {
  std::vector<Item> items;
  while (items.size() < limit) {
    parameters["Limit"] = std::min(limit - items.size(), most_in_a_page);
    const auto answer = service_.call(operation, parameters);
    if (!answer) return fail(to_error(answer.error()).during("reading table " + table_));
    const auto& object = answer->as_object();
    const auto* page = object.if_contains("Items");
    if (page == nullptr || !page->is_array())
      return fail(Code::corrupt, "table " + table_ + " answered a list without items");
    for (const auto& item : page->as_array())
      if (item.is_object()) items.push_back(item.as_object());
    const auto* last = object.if_contains("LastEvaluatedKey");
    if (last == nullptr || last->is_null()) break;
    parameters["ExclusiveStartKey"] = *last;
  }
  return items;
}

Result<std::vector<Item>> DynamoDb::query(const IndexQuery& query) {
  Expression expression{.text = "#partition = :partition",
                        .names = {{"#partition", query.partition_name}},
                        .values = {{":partition", text_value(query.partition)}}};
  if (query.at_most) {
    expression.text += " AND #sort <= :sort";
    expression.names.emplace_back("#sort", query.sort_name);
    expression.values.emplace_back(":sort", number_value(*query.at_most));
  }
  json::Object parameters{{"TableName", table_},
                          {"IndexName", query.index},
                          {"KeyConditionExpression", expression.text},
                          {"ScanIndexForward", !query.newest_first}};
  add_names_and_values(parameters, expression);
  return pages("Query", std::move(parameters), query.limit);
}

Result<std::vector<Item>> DynamoDb::range(const std::string& partition, const std::string& after,
                                          const std::string& up_to, std::size_t limit) {
  const Expression expression{.text = "pk = :partition AND sk BETWEEN :after AND :last",
                              .names = {},
                              .values = {{":partition", text_value(partition)},
                                         {":after", text_value(after)},
                                         {":last", text_value(up_to)}}};
  json::Object parameters{
      {"TableName", table_}, {"ConsistentRead", true}, {"KeyConditionExpression", expression.text}};
  add_names_and_values(parameters, expression);
  return pages("Query", std::move(parameters), limit);
}

Result<std::vector<Item>> DynamoDb::scan() {
  return pages("Scan", json::Object{{"TableName", table_}, {"ConsistentRead", true}}, SIZE_MAX);
}

}  // namespace stepback::aws
