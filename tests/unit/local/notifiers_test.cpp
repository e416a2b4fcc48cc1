// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/notifiers.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <mutex>

#include "adapters/local/incident_file.hpp"
#include "base/digest.hpp"
#include "base/json.hpp"
#include "http/server.hpp"
#include "unit/http/raw_peer.hpp"
#include "unit/local/fixtures.hpp"

namespace stepback::local {
namespace {

Notice a_notice() {
  return {.key = "rb-1/production/rollback_escalated",
          .kind = NoticeKind::rollback_escalated,
          .severity = Severity::critical,
          .environment = {"production"},
          .rollback = RollbackId{"rb-1"},
          .current_version = {"v2"},
          .target_version = {"v1"},
          .at = {1'769'509'084'000},
          .requested_by = "automation",
          .validation_status = "failed",
          .level = "full",
          .reason = "alarm entered ALARM\n# not a heading",
          .incident = "INC-12345678",
          .next_command = "stepback explain rb-1"};
}

// --- the file -----------------------------------------------------------------------------------

class FileNotifierTest : public ::testing::Test {
 protected:
  TemporaryDirectory directory_;
  FileNotifier notifier_{{.subscription = {.name = "file"}, .path = directory_.path("notices")}};
};

TEST_F(FileNotifierTest, AppendsALineForEachNotice) {
  ASSERT_TRUE(notifier_.tell(a_notice()));
  ASSERT_TRUE(notifier_.tell(a_notice()));
  const std::string text = directory_.read("notices");
  const auto end = text.find('\n');
  EXPECT_EQ(text.substr(0, end), text.substr(end + 1, end));
  const json::Value line = json::parse(text.substr(0, end)).value();
  EXPECT_EQ(json::Reader(line).text("key").value(), a_notice().key);
  EXPECT_EQ(json::Reader(line).object("notice")->text("event").value(), "rollback_escalated");
}

TEST_F(FileNotifierTest, IsForItsOwnerOnly) {
  ASSERT_TRUE(notifier_.tell(a_notice()));
  struct stat facts{};
  ASSERT_EQ(::stat(directory_.path("notices").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
}

TEST_F(FileNotifierTest, BeginsANewLineAfterOneThatWasCutOff) {
  directory_.write("notices", "{\"key\":\"cut");
  ASSERT_TRUE(notifier_.tell(a_notice()));
  EXPECT_TRUE(directory_.read("notices").starts_with("{\"key\":\"cut\n{\"key\":\"rb-1"));
}

TEST_F(FileNotifierTest, WritesThroughNoLinkAndIntoNoPipe) {
  std::filesystem::create_symlink("elsewhere", directory_.path("notices"));
  EXPECT_FALSE(notifier_.tell(a_notice()));
  EXPECT_FALSE(directory_.has("elsewhere"));
  std::filesystem::remove(directory_.path("notices"));
  ASSERT_EQ(::mkfifo(directory_.path("notices").c_str(), 0600), 0);
  EXPECT_FALSE(notifier_.tell(a_notice()));
}

// --- the webhook --------------------------------------------------------------------------------

class WebhookTest : public ::testing::Test {
 protected:
  WebhookTest() {
    http::Routes routes;
    routes.handle(http::Method::post, "/hook", [this](const http::Request& request) {
      const std::lock_guard hold(mutex_);
      received_.push_back(request);
      return http::text_response(status_, "answer");
    });
    server_ = *http::Server::start({}, std::move(routes), log_);
  }
  WebhookNotifier notifier(std::string secret = "", NoticeFormat format = NoticeFormat::stepback) {
    return {{.subscription = {.name = "hook"},
             .url = http::parse_url("http://127.0.0.1:" + std::to_string(server_->port()) + "/hook")
                        .value(),
             .secret = Secret(std::move(secret)),
             .format = format,
             .within = seconds(2)},
            clock_};
  }
  Code code_for(int status) {
    status_ = status;
    const auto told = notifier().tell(a_notice());
    EXPECT_FALSE(told) << status;
    return told ? Code::internal : told.error().code;
  }

  HandClock clock_;
  Log log_{clock_, {.least = LogLevel::error}};
  std::mutex mutex_;
  int status_ = 204;
  std::vector<http::Request> received_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(WebhookTest, PostsTheJsonWithItsKey) {
  ASSERT_TRUE(notifier().tell(a_notice()));
  ASSERT_EQ(received_.size(), 1U);
  EXPECT_EQ(received_[0].body, json_of(a_notice(), {}));
  EXPECT_EQ(received_[0].headers.find("idempotency-key"), a_notice().key);
  EXPECT_EQ(received_[0].headers.find("content-type"), "application/json");
  EXPECT_EQ(received_[0].headers.find("x-stepback-event"), "rollback_escalated");
  EXPECT_FALSE(received_[0].headers.find("x-stepback-signature"));
}

TEST_F(WebhookTest, SignsTheTimeAndTheBody) {
  ASSERT_TRUE(notifier("s3cret").tell(a_notice()));
  const std::string at(received_[0].headers.find("x-stepback-timestamp").value());
  EXPECT_EQ(at, "1769509084");
  EXPECT_EQ(received_[0].headers.find("x-stepback-signature").value(),
            "v1=" + to_hex(hmac_sha256("s3cret", at + "." + received_[0].body)));
}

TEST_F(WebhookTest, SendsAServiceOnlyWhatItIsToldOfAndSignsNothing) {
  auto pages = notifier("routing-key", NoticeFormat::pagerduty);
  auto notice = a_notice();
  notice.kind = NoticeKind::rollback_started;
  ASSERT_TRUE(pages.tell(notice));
  EXPECT_TRUE(received_.empty());
  ASSERT_TRUE(pages.tell(a_notice()));
  ASSERT_EQ(received_.size(), 1U);
  EXPECT_NE(received_[0].body.find(R"("routing_key":"routing-key")"), std::string::npos);
  EXPECT_FALSE(received_[0].headers.find("x-stepback-signature"));
}

TEST_F(WebhookTest, TellsWhatMayHelpLaterFromWhatWillNot) {
  for (const int status : {500, 503, 429, 408}) EXPECT_EQ(code_for(status), Code::unavailable);
  for (const int status : {401, 403}) EXPECT_EQ(code_for(status), Code::denied);
  for (const int status : {301, 302, 400, 404, 410}) EXPECT_EQ(code_for(status), Code::invalid);
}

TEST_F(WebhookTest, DoesNotWaitForASilentReceiver) {
  const http::RawPeer silent([](http::RawConnection& peer) { (void)peer.receive_all(); });
  WebhookNotifier notifier({.subscription = {.name = "hook"},
                            .url = silent.url("/hook?token=hidden"),
                            .within = Duration(100)},
                           clock_);
  const auto told = notifier.tell(a_notice());
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code, Code::timeout);
  EXPECT_EQ(told.error().message.find("hidden"), std::string::npos);
}

// --- the command --------------------------------------------------------------------------------

class CommandNotifierTest : public ::testing::Test {
 protected:
  CommandNotifier notifier(Command command, bool as_json = false) {
    return {{.subscription = {.name = "command"},
             .arguments = command.arguments,
             .as_json = as_json,
             .limit = seconds(10)},
            clock_};
  }
  Command writing() {
    Command command = python(
        "import os, sys\n"
        "open(sys.argv[1], 'w').write('|'.join(sys.argv[2:] + [os.environ['STEPBACK_' + n] for n"
        " in ['KEY', 'SUBJECT', 'SEVERITY', 'ROLLBACK']] + [sys.stdin.read()]))");
    command.arguments.push_back(directory_.path("told"));
    command.arguments.emplace_back("{event}-{environment}");
    return command;
  }

  SystemClock clock_;
  TemporaryDirectory directory_;
};

TEST_F(CommandNotifierTest, HandsTheMessageOverAsInput) {
  ASSERT_TRUE(notifier(writing()).tell(a_notice()));
  EXPECT_EQ(directory_.read("told"),
            "rollback_escalated-production|rb-1/production/rollback_escalated|" +
                subject_of(a_notice()) + "|critical|rb-1|" + text_of(a_notice(), {}));
}

TEST_F(CommandNotifierTest, HandsJsonOverWhenAskedTo) {
  ASSERT_TRUE(notifier(writing(), true).tell(a_notice()));
  EXPECT_TRUE(directory_.read("told").ends_with("|" + json_of(a_notice(), {}) + "\n"));
}

// As the example of one machine has it: a program that takes a subject and reads the mail.
TEST_F(CommandNotifierTest, SendsMail) {
  Command mail = python(
      "import sys\n"
      "assert sys.argv[1] == '-s'\n"
      "open(sys.argv[4], 'w').write(sys.argv[2] + '\\nTo: ' + sys.argv[3] + '\\n\\n' + "
      "sys.stdin.read())");
  for (const auto* argument : {"-s", "Stepback, {environment}: {event}", "oncall@shop.example"})
    mail.arguments.emplace_back(argument);
  mail.arguments.push_back(directory_.path("mail"));
  ASSERT_TRUE(notifier(mail).tell(a_notice()));
  EXPECT_EQ(directory_.read("mail"),
            "Stepback, production: rollback_escalated\nTo: oncall@shop.example\n\n" +
                text_of(a_notice(), {}));
}

TEST_F(CommandNotifierTest, PassesItsFailureOn) {
  EXPECT_EQ(notifier({.arguments = {"false"}}).tell(a_notice()).error().code, Code::invalid);
  EXPECT_EQ(notifier(python("import sys; sys.exit(75)")).tell(a_notice()).error().code,
            Code::unavailable);
  EXPECT_EQ(notifier({.arguments = {}}).tell(a_notice()).error().code, Code::invalid);
}

// --- incidents ----------------------------------------------------------------------------------

class IncidentFilesTest : public ::testing::Test {
 protected:
  TemporaryDirectory directory_;
  IncidentFiles incidents_{{.directory = directory_.path("incidents")}};
};

TEST_F(IncidentFilesTest, TellWhatIsKnownAndWhatToDo) {
  const auto path = incidents_.open(a_notice());
  ASSERT_TRUE(path) << path.error().message;
  EXPECT_EQ(*path, directory_.path("incidents/INC-12345678.md"));
  const std::string page = directory_.read("incidents/INC-12345678.md");
  for (const auto* part : {"# INC-12345678", "rb-1", "v2 -> v1", "stepback explain rb-1"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(page.find("\n# not a heading"), std::string::npos);
  EXPECT_TRUE(json::parse(directory_.read("incidents/INC-12345678.json")));
}

TEST_F(IncidentFilesTest, LeaveWhatPeopleWroteWhenAskedAgain) {
  const auto path = incidents_.open(a_notice());
  directory_.append("incidents/INC-12345678.md", "we restarted the database\n");
  EXPECT_EQ(incidents_.open(a_notice()).value(), *path);
  EXPECT_TRUE(
      directory_.read("incidents/INC-12345678.md").ends_with("we restarted the database\n"));
}

TEST_F(IncidentFilesTest, CompleteWhatACrashLeftHalfDone) {
  ASSERT_TRUE(incidents_.open(a_notice()));
  std::filesystem::remove(directory_.path("incidents/INC-12345678.md"));
  ASSERT_TRUE(incidents_.open(a_notice()));
  EXPECT_TRUE(directory_.has("incidents/INC-12345678.md"));
}

TEST_F(IncidentFilesTest, RefuseTheNameOfAnotherRollbacksIncident) {
  ASSERT_TRUE(incidents_.open(a_notice()));
  Notice other = a_notice();
  other.rollback = RollbackId{"rb-2"};
  EXPECT_EQ(incidents_.open(other).error().code, Code::conflict);
}

TEST_F(IncidentFilesTest, RefuseANameThatWouldLeaveItsPlace) {
  Notice notice = a_notice();
  notice.incident = "../../etc/cron.d/x";
  EXPECT_EQ(incidents_.open(notice).error().code, Code::invalid);
  notice.incident.clear();
  EXPECT_TRUE(incidents_.open(notice)->ends_with("/INC-rb-1.md"));
}

}  // namespace
}  // namespace stepback::local
