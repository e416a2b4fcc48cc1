// SPDX-License-Identifier: Apache-2.0
#pragma once

// DynamoDB in memory: tables with their indexes, conditional writes, transactions that happen whole
// or not at all and are told apart by their token. Indexes are never behind. Small tables: a query
// looks at every item. One thread; copying it is taking a picture of it.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "expression.hpp"
#include "message.hpp"

namespace stub {

class Dynamo {
 public:
  Answer answer(std::string_view operation, const Request& request);

 private:
  struct Table {
    std::vector<std::string> keys;
    std::map<std::string, std::vector<std::string>> indexes;
    std::map<std::string, Item> items;  // by the text of the key
  };
  struct Refused {
    std::string type;
    std::string message;
    boost::json::value more = nullptr;  // merged into the answer
  };
  struct Write {
    Table* table = nullptr;
    std::string key;
    Item before;
    Item after;
    enum class Kind { put, update, erase, check } kind = Kind::check;
    bool met = true;
    bool wants_old = false;  // ReturnValuesOnConditionCheckFailure
  };

  boost::json::object perform(std::string_view operation, const boost::json::object& asked);
  boost::json::object create(const boost::json::object& asked);
  boost::json::object describe(const boost::json::object& asked);
  boost::json::object get(const boost::json::object& asked);
  boost::json::object get_together(const boost::json::object& asked);
  boost::json::object write_one(Write::Kind kind, const boost::json::object& asked);
  boost::json::object transact(const boost::json::object& asked);
  boost::json::object list(const boost::json::object& asked, bool scan);

  Table& table(const boost::json::object& asked);
  Write planned(Write::Kind kind, const boost::json::object& asked);
  static void carry_out(Write& write);
  static std::string key_of(const Table& table, const Item& item);

  std::map<std::string, Table> tables_;
  std::map<std::string, std::string> done_;  // transactions: token → what it asked for
};

}  // namespace stub
