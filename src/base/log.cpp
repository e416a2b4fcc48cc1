// SPDX-License-Identifier: Apache-2.0
#include "base/log.hpp"

#include <fmt/core.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <utility>

#include "base/json.hpp"

namespace stepback {
namespace {

constexpr std::size_t longest_text = 4096;  // a field beyond it is cut; a log is no archive

class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit FunctionSink(Log::Sink receiver) : receiver_(std::move(receiver)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& record) override {
    receiver_({record.payload.data(), record.payload.size()});
  }
  void flush_() override {}

  Log::Sink receiver_;
};

std::string_view cut(std::string_view text) { return text.substr(0, longest_text); }

void append_content(std::string& line, const Field::Content& content) {
  if (const auto* text = std::get_if<std::string_view>(&content)) {
    json::append_quoted(line, cut(*text));
  } else if (const auto* number = std::get_if<std::int64_t>(&content)) {
    fmt::format_to(std::back_inserter(line), "{}", *number);
  } else if (const auto* real = std::get_if<double>(&content)) {
    line += json::write(json::Value(*real));
  } else {
    line += std::get<bool>(content) ? "true" : "false";
  }
}

struct Record {
  Instant at;
  LogLevel level;
  std::string_view message;
  Log::Fields fields;
};

std::string as_json(const Record& record) {
  std::string line = fmt::format(R"({{"time":"{}","level":"{}","message":)", to_rfc3339(record.at),
                                 name_of(record.level));
  json::append_quoted(line, cut(record.message));
  for (const auto& [key, content] : record.fields) {
    line += ',';
    json::append_quoted(line, key);
    line += ':';
    append_content(line, content);
  }
  line += '}';
  return line;
}

bool needs_quotes(std::string_view text) {
  return text.empty() || text.find_first_not_of(
                             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                             "._-:/+@%") != std::string_view::npos;
}

std::string as_text(const Record& record) {
  std::string quoted;  // as JSON would have it: a message cannot begin a line of its own
  json::append_quoted(quoted, cut(record.message));
  std::string line = fmt::format("{} {:<7} {}", to_rfc3339(record.at), name_of(record.level),
                                 std::string_view(quoted).substr(1, quoted.size() - 2));
  for (const auto& [key, content] : record.fields) {
    fmt::format_to(std::back_inserter(line), " {}=", key);
    const auto* text = std::get_if<std::string_view>(&content);
    if (text != nullptr && !needs_quotes(*text)) {
      line += cut(*text);
    } else {
      append_content(line, content);
    }
  }
  return line;
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  std::unreachable();
}

}  // namespace

struct Log::Output {
  explicit Output(spdlog::sink_ptr sink) : logger("stepback", std::move(sink)) {
    logger.set_level(spdlog::level::trace);
    logger.flush_on(spdlog::level::trace);  // the last line before a crash is the one that matters
    logger.set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, "\n"));
  }
  spdlog::logger logger;
};

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: return "error";
  }
  std::unreachable();
}

Log::Log(const Clock& clock, Options options)
    : clock_(clock),
      options_(options),
      output_(std::make_unique<Output>(std::make_shared<spdlog::sinks::stderr_sink_mt>())) {}

Log::Log(const Clock& clock, Options options, Sink sink)
    : clock_(clock),
      options_(options),
      output_(std::make_unique<Output>(std::make_shared<FunctionSink>(std::move(sink)))) {}

Log::~Log() = default;

void Log::debug(std::string_view message, Fields fields) const {
  write(LogLevel::debug, message, fields);
}

void Log::info(std::string_view message, Fields fields) const {
  write(LogLevel::info, message, fields);
}

void Log::warning(std::string_view message, Fields fields) const {
  write(LogLevel::warning, message, fields);
}

void Log::error(std::string_view message, Fields fields) const {
  write(LogLevel::error, message, fields);
}

void Log::write(LogLevel level, std::string_view message, Fields fields) const {
  if (level < options_.least) return;
  const Record record{clock_.now(), level, message, fields};
  const std::string line = options_.form == Form::json ? as_json(record) : as_text(record);
  output_->logger.log(spdlog_level(level), std::string_view(line));
}

}  // namespace stepback
