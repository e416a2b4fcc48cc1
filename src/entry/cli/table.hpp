// SPDX-License-Identifier: Apache-2.0
#pragma once

// Table: rows of cells, laid out as a screen with a header, or as text with a tab between cells
// and no header (for scripts). Plain values, any thread.

#include <string>
#include <string_view>
#include <vector>

#include "entry/cli/text.hpp"

namespace stepback::cli {

struct Cell {
  std::string text;
  Role role = Role::plain;

  explicit(false) Cell(std::string t, Role r = Role::plain) : text(std::move(t)), role(r) {}
  explicit(false) Cell(std::string_view t, Role r = Role::plain) : text(t), role(r) {}
  explicit(false) Cell(const char* t, Role r = Role::plain) : text(t), role(r) {}
};

class Table {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // A row with fewer cells than there are columns ends early.
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }

  // Columns are as wide as their widest cell, two spaces apart. The last one is not padded.
  Screen screen(bool with_header = true) const;
  std::string tab_separated() const;

 private:
  std::vector<int> widths(bool with_header) const;
  Line laid_out(const std::vector<Cell>& row, const std::vector<int>& widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace stepback::cli
