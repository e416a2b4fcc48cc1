// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/notifiers.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "adapters/local/files.hpp"
#include "adapters/local/process.hpp"
#include "base/digest.hpp"
#include "base/json.hpp"
#include "wire/pattern.hpp"

namespace stepback::local {
namespace {

constexpr std::size_t most_answer_bytes = 4 * 1024;  // only its status matters

// A line that a crash or a full disk cut off must not swallow the next one.
Result<bool> ends_in_a_line(const Descriptor& file, const std::string& path) {
  struct stat facts{};
  if (::fstat(file.number(), &facts) != 0) return fail(system_error("look at", path, errno));
  if (!S_ISREG(facts.st_mode)) return fail(Code::invalid, path + " is not a regular file");
  if (facts.st_size == 0) return true;
  char last = 0;
  if (::pread(file.number(), &last, 1, facts.st_size - 1) != 1) {
    return fail(system_error("read", path, errno));
  }
  return last == '\n';
}

Result<> judge(int status, const std::string& origin) {
  if (status >= 200 && status < 300) return {};
  Code code = Code::invalid;
  if (status >= 500 || status == 408 || status == 425 || status == 429) code = Code::unavailable;
  if (status == 401 || status == 403) code = Code::denied;
  return fail(code, fmt::format("{} answered {}{}", origin, status,
                                status >= 300 && status < 400 ? ", which is not followed" : ""));
}

}  // namespace

Result<> FileNotifier::tell(const Notice& notice) {
  const std::string& path = config_.path;
  const Descriptor file(::open(
      path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!file.is_open()) return fail(system_error("open", path, errno));
  std::string line;
  if (!TRY(ends_in_a_line(file, path))) line += '\n';
  line += R"({"key":)";
  json::append_quoted(line, notice.key);
  line += R"(,"at":)";
  json::append_quoted(line, to_rfc3339(notice.at));
  line += R"(,"subject":)";
  json::append_quoted(line, subject_of(notice));
  line += R"(,"notice":)" + json_of(notice, config_.style) + "}\n";
  TRY(write_all(file, line, path));
  if (::fsync(file.number()) != 0) return fail(system_error("flush", path, errno));
  return {};
}

WebhookNotifier::WebhookNotifier(WebhookConfig config, const Clock& clock)
    : config_(std::move(config)), clock_(clock), client_(config_.client) {}

Result<> WebhookNotifier::tell(const Notice& notice) {
  auto body = body_of(config_.format, notice, config_.style, config_.secret);
  if (!body) return {};
  http::Call call{.method = http::Method::post,
                  .url = config_.url,
                  .body = *std::move(body),
                  .within = config_.within,
                  .most_bytes = most_answer_bytes};
  const auto at = std::chrono::duration_cast<seconds>(Duration(clock_.now().ms));
  const std::string timestamp = std::to_string(at.count());
  call.headers.add("Content-Type", "application/json");
  call.headers.add("Idempotency-Key", notice.key);
  call.headers.add("X-Stepback-Event", event_of(notice));
  call.headers.add("X-Stepback-Timestamp", timestamp);
  if (config_.format == NoticeFormat::stepback && !config_.secret.empty()) {
    const auto code = hmac_sha256(config_.secret.reveal(), timestamp + "." + call.body);
    call.headers.add("X-Stepback-Signature", "v1=" + to_hex(code));
  }
  const auto answer = client_.send(call);
  // A talkative receiver has received it; its status is lost with its answer, and being told the
  // same again does it no harm.
  if (!answer) return fail(answer.error());
  return judge(answer->status, config_.url.origin());
}

Result<> CommandNotifier::tell(const Notice& notice) {
  const std::string event = event_of(notice);
  Command command{.arguments = fill_in(config_.arguments, {{"environment", notice.environment.name},
                                                           {"event", event}}),
                  .environment = config_.variables,
                  .input = config_.as_json ? json_of(notice, config_.style) + "\n"
                                           : text_of(notice, config_.style),
                  .limit = config_.limit};
  command.environment.emplace_back("STEPBACK_KEY", one_line(notice.key));
  command.environment.emplace_back("STEPBACK_EVENT", event);
  command.environment.emplace_back("STEPBACK_SUBJECT", subject_of(notice));
  command.environment.emplace_back("STEPBACK_SEVERITY", name_of(notice.severity));
  command.environment.emplace_back("STEPBACK_ENVIRONMENT", one_line(notice.environment.name));
  if (notice.rollback) {
    command.environment.emplace_back("STEPBACK_ROLLBACK", one_line(notice.rollback->text));
  }
  const std::string program = config_.arguments.empty() ? "" : config_.arguments[0];
  const Ended ended = TRY(run(command, clock_));
  return must_succeed(ended, program);
}

}  // namespace stepback::local
