// SPDX-License-Identifier: Apache-2.0
#include "dynamo.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <set>

namespace stub {
namespace {

namespace json = boost::json;

constexpr std::string_view prefix = "com.amazonaws.dynamodb.v20120810#";

std::string_view text_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->as_string())
                                                : std::string_view();
}

const json::object* object_at(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr ? value->if_object() : nullptr;
}

Expression expression_in(const json::object& asked, std::string_view name) {
  return {.text = text_at(asked, name),
          .names = object_at(asked, "ExpressionAttributeNames"),
          .values = object_at(asked, "ExpressionAttributeValues")};
}

std::vector<std::string> key_names(const json::value& schema) {
  std::vector<std::string> names;
  for (const auto& each : schema.as_array())
    names.emplace_back(each.as_object().at("AttributeName").as_string());
  return names;
}

Item only(const Item& item, const std::vector<std::string>& names) {
  Item some;
  for (const auto& name : names)
    if (const auto* value = item.if_contains(name)) some[name] = *value;
  return some;
}

}  // namespace

Answer Dynamo::answer(std::string_view operation, const Request& request) {
  Answer answer{.kind = "dynamodb " + std::string(operation), .type = "application/x-amz-json-1.0"};
  const auto refuse = [&](const Refused& refused) {
    json::object body{{"__type", std::string(prefix) + refused.type}, {"message", refused.message}};
    if (const auto* more = refused.more.if_object())
      for (const auto& each : *more) body[each.key()] = each.value();
    answer.status = 400;
    answer.body = json::serialize(body);
  };
  try {
    answer.body = json::serialize(perform(operation, json::parse(request.body).as_object()));
  } catch (const Refused& refused) {
    refuse(refused);
  } catch (const std::exception& error) {  // of an expression, or of JSON without what it must have
    refuse({.type = "ValidationException", .message = error.what()});
  }
  return answer;
}

json::object Dynamo::perform(std::string_view operation, const json::object& asked) {
  if (operation == "GetItem") return get(asked);
  if (operation == "TransactGetItems") return get_together(asked);
  if (operation == "Query") return list(asked, false);
  if (operation == "Scan") return list(asked, true);
  if (operation == "TransactWriteItems") return transact(asked);
  if (operation == "PutItem") return write_one(Write::Kind::put, asked);
  if (operation == "UpdateItem") return write_one(Write::Kind::update, asked);
  if (operation == "DeleteItem") return write_one(Write::Kind::erase, asked);
  if (operation == "CreateTable") return create(asked);
  if (operation == "DescribeTable") return describe(asked);
  throw Refused{.type = "UnknownOperationException", .message = std::string(operation)};
}

Dynamo::Table& Dynamo::table(const json::object& asked) {
  auto name = text_at(asked, "TableName");
  if (const auto slash = name.rfind('/'); slash != std::string_view::npos)  // an ARN
    name.remove_prefix(slash + 1);
  const auto found = tables_.find(std::string(name));
  if (found == tables_.end())
    throw Refused{.type = "ResourceNotFoundException",
                  .message = "Requested resource not found: Table: " + std::string(name)};
  return found->second;
}

std::string Dynamo::key_of(const Table& table, const Item& item) {
  std::string key;
  for (const auto& name : table.keys) {
    const auto* value = item.if_contains(name);
    if (value == nullptr) throw Invalid("The provided key element does not match the schema");
    key += json::serialize(*value) + '\n';
  }
  return key;
}

json::object Dynamo::create(const json::object& asked) {
  const std::string name(text_at(asked, "TableName"));
  if (tables_.contains(name))
    throw Refused{.type = "ResourceInUseException", .message = "Table already exists: " + name};
  Table table{.keys = key_names(asked.at("KeySchema")), .indexes = {}, .items = {}};
  if (const auto* indexes = asked.if_contains("GlobalSecondaryIndexes"))
    for (const auto& index : indexes->as_array())
      table.indexes[std::string(text_at(index.as_object(), "IndexName"))] =
          key_names(index.as_object().at("KeySchema"));
  tables_[name] = std::move(table);
  return {{"TableDescription", json::object{{"TableName", name}, {"TableStatus", "ACTIVE"}}}};
}

json::object Dynamo::describe(const json::object& asked) {
  const auto& found = table(asked);
  return {{"Table", json::object{{"TableName", text_at(asked, "TableName")},
                                 {"TableStatus", "ACTIVE"},
                                 {"ItemCount", found.items.size()}}}};
}

json::object Dynamo::get(const json::object& asked) {
  const auto& from = table(asked);
  const auto found = from.items.find(key_of(from, asked.at("Key").as_object()));
  if (found == from.items.end()) return {};
  return {{"Item", found->second}};
}

json::object Dynamo::get_together(const json::object& asked) {
  const auto& parts = asked.at("TransactItems").as_array();
  if (parts.empty() || parts.size() > 100) throw Invalid("A transaction has 1 to 100 items");
  json::array responses;
  std::set<std::pair<Table*, std::string>> keys;
  for (const auto& part : parts) {
    const auto& one = part.at("Get").as_object();
    auto& from = table(one);
    if (!keys.insert({&from, key_of(from, one.at("Key").as_object())}).second)
      throw Invalid("Transaction request cannot include multiple operations on one item");
    responses.push_back(get(one));
  }
  return {{"Responses", std::move(responses)}};
}

Dynamo::Write Dynamo::planned(Write::Kind kind, const json::object& asked) {
  Write write{.table = &table(asked), .key = "", .before = {}, .after = {}, .kind = kind};
  const auto& given = asked.at(kind == Write::Kind::put ? "Item" : "Key").as_object();
  write.key = key_of(*write.table, given);
  const auto found = write.table->items.find(write.key);
  if (found != write.table->items.end()) write.before = found->second;
  write.met = holds(expression_in(asked, "ConditionExpression"), write.before);
  write.wants_old = text_at(asked, "ReturnValuesOnConditionCheckFailure") == "ALL_OLD";
  if (!write.met) return write;
  if (kind == Write::Kind::put) write.after = given;
  if (kind == Write::Kind::update) {
    write.after = write.before.empty() ? given : write.before;
    apply(expression_in(asked, "UpdateExpression"), write.after);
    if (only(write.after, write.table->keys) != only(given, write.table->keys))
      throw Invalid("Cannot update attribute. This attribute is part of the key");
  }
  return write;
}

void Dynamo::carry_out(Write& write) {
  if (write.kind == Write::Kind::erase) write.table->items.erase(write.key);
  if (write.kind == Write::Kind::put || write.kind == Write::Kind::update)
    write.table->items[write.key] = write.after;
}

json::object Dynamo::write_one(Write::Kind kind, const json::object& asked) {
  auto write = planned(kind, asked);
  if (!write.met) {
    Refused refused{.type = "ConditionalCheckFailedException",
                    .message = "The conditional request failed"};
    if (write.wants_old && !write.before.empty())
      refused.more = json::object{{"Item", write.before}};
    throw refused;
  }
  carry_out(write);
  const auto wanted = text_at(asked, "ReturnValues");
  if (wanted == "ALL_NEW") return {{"Attributes", write.after}};
  if (wanted == "ALL_OLD" && !write.before.empty()) return {{"Attributes", write.before}};
  return {};
}

json::object Dynamo::transact(const json::object& asked) {
  const auto& parts = asked.at("TransactItems").as_array();
  const std::string token(text_at(asked, "ClientRequestToken"));
  const auto whole = json::serialize(parts);
  if (const auto known = done_.find(token); !token.empty() && known != done_.end()) {
    if (known->second == whole) return {};
    throw Refused{.type = "IdempotentParameterMismatchException",
                  .message = "The token was given with other parameters"};
  }
  if (parts.empty() || parts.size() > 100) throw Invalid("A transaction has 1 to 100 items");
  std::vector<Write> writes;
  std::set<std::pair<Table*, std::string>> keys;
  for (const auto& part : parts) {
    const auto& only_one = *part.as_object().begin();
    const auto kind = only_one.key() == "Put"              ? Write::Kind::put
                      : only_one.key() == "Update"         ? Write::Kind::update
                      : only_one.key() == "Delete"         ? Write::Kind::erase
                      : only_one.key() == "ConditionCheck" ? Write::Kind::check
                                                           : throw Invalid(only_one.key());
    writes.push_back(planned(kind, only_one.value().as_object()));
    if (!keys.insert({writes.back().table, writes.back().key}).second)
      throw Invalid("Transaction request cannot include multiple operations on one item");
  }
  json::array reasons;
  std::string words;
  for (const auto& write : writes) {
    json::object reason{{"Code", write.met ? "None" : "ConditionalCheckFailed"}};
    words +=
        std::string(words.empty() ? "" : ", ") + (write.met ? "None" : "ConditionalCheckFailed");
    if (!write.met) reason["Message"] = "The conditional request failed";
    if (!write.met && write.wants_old && !write.before.empty()) reason["Item"] = write.before;
    reasons.push_back(std::move(reason));
  }
  if (!std::ranges::all_of(writes, &Write::met))
    throw Refused{.type = "TransactionCanceledException",
                  .message =
                      "Transaction cancelled, please refer cancellation reasons for specific "
                      "reasons [" +
                      words + "]",
                  .more = json::object{{"CancellationReasons", std::move(reasons)}}};
  for (auto& write : writes) carry_out(write);
  if (!token.empty()) done_[token] = whole;
  return {};
}

json::object Dynamo::list(const json::object& asked, bool scan) {
  const auto& from = table(asked);
  const std::string index(text_at(asked, "IndexName"));
  if (!index.empty() && !from.indexes.contains(index))
    throw Invalid("The table does not have the specified index: " + index);
  const auto& keys = index.empty() ? from.keys : from.indexes.at(index);
  const auto condition = expression_in(asked, "KeyConditionExpression");
  std::vector<std::pair<const std::string*, const Item*>> found;
  for (const auto& [key, item] : from.items)
    if (only(item, keys).size() == keys.size() && (scan || holds(condition, item)))
      found.emplace_back(&key, &item);
  const auto before = [&](const auto& one, const auto& other) {
    for (std::size_t i = 1; i < keys.size(); ++i)
      if (const int order = compared(one.second->at(keys[i]), other.second->at(keys[i]));
          order != 0)
        return order < 0;
    return *one.first < *other.first;
  };
  if (!scan) std::ranges::sort(found, before);
  const auto* forward = asked.if_contains("ScanIndexForward");
  if (forward != nullptr && !forward->as_bool()) std::ranges::reverse(found);
  std::size_t at = 0;
  if (const auto* start = object_at(asked, "ExclusiveStartKey")) {
    const auto key = key_of(from, *start);
    while (at < found.size() && *found[at].first != key) ++at;
    ++at;
  }
  const auto* limit = asked.if_contains("Limit");
  const auto most = limit != nullptr ? limit->to_number<std::size_t>() : found.size();
  json::array items;
  std::size_t seen = 0;
  const Item* last = nullptr;
  for (; at < found.size() && seen < most; ++at, ++seen) {
    last = found[at].second;
    if (holds(expression_in(asked, "FilterExpression"), *last)) items.push_back(*last);
  }
  json::object page{{"Count", items.size()}, {"ScannedCount", seen}};
  page["Items"] = std::move(items);
  if (at < found.size() && last != nullptr) {
    auto key = only(*last, from.keys);
    for (const auto& name : keys) key[name] = last->at(name);
    page["LastEvaluatedKey"] = std::move(key);
  }
  return page;
}

}  // namespace stub
