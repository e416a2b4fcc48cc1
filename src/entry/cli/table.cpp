// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/table.hpp"

#include <algorithm>

namespace stepback::cli {
namespace {

constexpr std::string_view gap = "  ";

std::string spaces(int count) {
  return std::string(static_cast<std::size_t>(std::max(0, count)), ' ');
}

}  // namespace

std::vector<int> Table::widths(bool with_header) const {
  std::vector<int> widths(columns_.size());
  for (std::size_t i = 0; with_header && i < columns_.size(); ++i)
    widths[i] = width_of(columns_[i].title);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i)
      widths[i] = std::max(widths[i], width_of(escaped(row[i].text)));
  }
  return widths;
}

Line Table::laid_out(const std::vector<Cell>& row, const std::vector<int>& widths) const {
  Line line;
  for (std::size_t i = 0; i < row.size() && i < columns_.size(); ++i) {
    if (i > 0) line.add(gap);
    const int missing = widths[i] - width_of(escaped(row[i].text));
    if (columns_[i].align == Align::right) line.add(spaces(missing));
    line.add(row[i].text, row[i].role);
    if (columns_[i].align == Align::left && i + 1 < row.size()) line.add(spaces(missing));
  }
  return line;
}

Screen Table::screen(bool with_header) const {
  const auto wide = widths(with_header);
  Screen screen;
  if (with_header) {
    std::vector<Cell> titles;
    for (const auto& column : columns_) titles.emplace_back(column.title, Role::muted);
    screen.push_back(laid_out(titles, wide));
  }
  for (const auto& row : rows_) screen.push_back(laid_out(row, wide));
  return screen;
}

std::string Table::tab_separated() const {
  std::string out;
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out += '\t';
      out += escaped(row[i].text);
    }
    out += '\n';
  }
  return out;
}

}  // namespace stepback::cli
