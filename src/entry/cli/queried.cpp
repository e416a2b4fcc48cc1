// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/queried.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "jmespath/jmespath.hpp"

namespace stepback::cli {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::size_t most_shown = 24;  // of an expression, around what is wrong with it

Complaint complaint_of(const jmespath::Problem& problem, const std::string& expression) {
  const auto begin = problem.position > most_shown ? problem.position - most_shown : 0;
  const auto before = escaped(expression.substr(begin, problem.position - begin));
  const auto after = escaped(expression.substr(problem.position, most_shown));
  const auto place = fmt::format("{}>>>{}", before, after);
  return {Exit::usage, "--query cannot be answered",
          fmt::format("character {}, at {}: {}", problem.position + 1, place, problem.what),
          "stepback help query", problem.hint};
}

bool is_flat(const Value& value) { return !value.is_array() && !value.is_object(); }
bool is_list_of_flat(const Value& value) {
  return value.is_array() && std::ranges::all_of(value.get_array(), is_flat);
}
bool is_object_of_flat(const Value& value) {
  return value.is_object() && std::ranges::all_of(value.get_object(), [](const auto& member) {
           return is_flat(member.value());
         });
}

std::string words(const Value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::write(value);
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

// --- text: a row for each list and object, the flat values of it between tabs --------------------

void add_rows(const Value& value, const std::string& label, Table& rows) {
  std::vector<Cell> row;
  if (!label.empty()) row.emplace_back(upper(label));
  const auto labels = row.size();
  if (is_flat(value)) row.emplace_back(words(value));
  if (value.is_array()) {
    for (const auto& each : value.get_array()) {
      if (is_flat(each)) row.emplace_back(words(each));
    }
  } else if (value.is_object()) {
    for (const auto& each : value.get_object()) {
      if (is_flat(each.value())) row.emplace_back(words(each.value()));
    }
  }
  if (row.size() > labels) rows.add(std::move(row));
  if (value.is_array()) {
    for (const auto& each : value.get_array()) {
      if (!is_flat(each)) add_rows(each, label, rows);
    }
  } else if (value.is_object()) {
    for (const auto& each : value.get_object()) {
      if (!is_flat(each.value())) add_rows(each.value(), each.key(), rows);
    }
  }
}

// --- table
// ----------------------------------------------------------------------------------------

struct Sheet {
  std::vector<std::string> names;  // none: without a header
  std::vector<std::vector<const Value*>> rows;
};

Table::Align align_of(const Sheet& sheet, std::size_t column) {
  const bool numbers = std::ranges::all_of(sheet.rows, [&](const auto& row) {
    return column >= row.size() || row[column] == nullptr || row[column]->is_number();
  });
  return numbers ? Table::Align::right : Table::Align::left;
}

Screen laid_out(const Sheet& sheet, bool with_header) {
  std::size_t width = sheet.names.size();
  for (const auto& row : sheet.rows) width = std::max(width, row.size());
  std::vector<Table::Column> columns;
  for (std::size_t i = 0; i < width; ++i)
    columns.push_back({i < sheet.names.size() ? sheet.names[i] : "", align_of(sheet, i)});
  Table table(std::move(columns));
  for (const auto& row : sheet.rows) {
    std::vector<Cell> cells;
    for (const auto* each : row) cells.emplace_back(each == nullptr ? "" : words(*each));
    table.add(std::move(cells));
  }
  return table.screen(with_header && !sheet.names.empty());
}

// The flat members of objects, with a column for each name that any of them has.
Sheet sheet_of(const std::vector<const Object*>& objects) {
  Sheet sheet;
  for (const auto* object : objects) {
    for (const auto& member : *object) {
      const std::string name(member.key());
      if (is_flat(member.value()) && std::ranges::find(sheet.names, name) == sheet.names.end())
        sheet.names.push_back(name);
    }
  }
  for (const auto* object : objects) {
    auto& row = sheet.rows.emplace_back();
    for (const auto& name : sheet.names) {
      const auto* found = object->if_contains(name);
      row.push_back(found == nullptr || !is_flat(*found) ? nullptr : found);
    }
  }
  return sheet;
}

class Drawing {
 public:
  explicit Drawing(bool with_header) : with_header_(with_header) {}

  void add(const Value& value, const std::string& title) {
    if (is_flat(value)) {
      screen_.emplace_back(words(value));
    } else if (value.is_object()) {
      add_object(value.get_object(), title);
    } else {
      add_list(value.get_array(), title);
    }
  }
  Screen take() { return std::move(screen_); }

 private:
  void add_object(const Object& object, const std::string& title) {
    const auto sheet = sheet_of({&object});
    if (!sheet.names.empty()) append(screen_, laid_out(sheet, with_header_));
    for (const auto& member : object) {
      if (is_flat(member.value())) continue;
      const std::string key(member.key());
      const auto below = title.empty() ? key : title + "." + key;
      if (!screen_.empty()) screen_.emplace_back();
      screen_.emplace_back(below, Role::strong);
      add(member.value(), below);
    }
  }

  void add_list(const Array& list, const std::string& title) {
    if (std::ranges::all_of(list, is_object_of_flat)) {
      std::vector<const Object*> objects;
      for (const auto& each : list) objects.push_back(&each.get_object());
      if (!objects.empty()) append(screen_, laid_out(sheet_of(objects), with_header_));
    } else if (std::ranges::all_of(list, is_list_of_flat)) {
      Sheet sheet;
      for (const auto& each : list) {
        auto& row = sheet.rows.emplace_back();
        for (const auto& cell : each.get_array()) row.push_back(&cell);
      }
      append(screen_, laid_out(sheet, false));
    } else {
      for (bool begun = false; const auto& each : list) {
        if (std::exchange(begun, true) && !is_flat(each)) screen_.emplace_back();
        add(each, title);
      }
    }
  }

  bool with_header_;
  Screen screen_;
};

void add_ids(const Value& value, std::vector<std::string>& ids) {
  if (value.is_array()) {
    for (const auto& each : value.get_array()) add_ids(each, ids);
  } else if (!value.is_object() && !value.is_null()) {
    ids.push_back(words(value));
  }
}

}  // namespace

std::optional<Complaint> complaint_about_query(const std::string& expression) {
  if (expression.empty()) return std::nullopt;
  const auto parsed = jmespath::Expression::parse(expression);
  if (parsed) return std::nullopt;
  return complaint_of(parsed.error(), expression);
}

Answered<Answer> queried(const std::string& expression, const json::Value& document,
                         bool with_header) {
  const auto parsed = jmespath::Expression::parse(expression);
  if (!parsed) return complain(complaint_of(parsed.error(), expression));
  auto found = parsed->search(document);
  if (!found) return complain(complaint_of(found.error(), expression));
  Answer answer{.document = *std::move(found)};
  if (answer.document.is_array()) {
    for (const auto& each : answer.document.get_array()) answer.list.push_back(each);
  }
  add_rows(answer.document, "", answer.rows);
  add_ids(answer.document, answer.ids);
  Drawing drawing(with_header);
  drawing.add(answer.document, "");
  answer.screen = drawing.take();
  return answer;
}

}  // namespace stepback::cli
