// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>

#include "entry/cli/commands.hpp"
#include "entry/cli/confirm.hpp"
#include "entry/cli/lookup.hpp"
#include "wire/codec.hpp"

namespace stepback::cli {
namespace {

// The channels that reach people: the one that was named, or all of them.
Answered<std::vector<std::string>> channels_named(const Engine& engine, const std::string& name) {
  std::vector<std::string> all;
  for (const auto& channel : engine.settings.people) all.push_back(channel.name);
  if (all.empty()) {
    return complain({Exit::not_found, "there is nobody to tell", "the configuration has no channel",
                     "stepback config show", ""});
  }
  if (name.empty()) return all;
  if (std::ranges::find(all, name) != all.end()) return std::vector{name};
  std::string known;
  for (const auto& each : all) known += (known.empty() ? "" : ", ") + each;
  return complain({Exit::not_found, "there is no channel " + name, "the configuration has " + known,
                   "stepback notify test " + shell_word(all.front()), ""});
}

Notice test_notice(const Engine& engine, const std::string& user) {
  const auto now = engine.clock.now();
  Notice notice{.key = fmt::format("test/{}", now.ms), .kind = NoticeKind::channel_test};
  if (!engine.settings.environments.empty())
    notice.environment = engine.settings.environments.front();
  notice.at = now;
  notice.requested_by = user;
  notice.validation_status = "pending";
  notice.reason = "somebody looks whether this channel reaches you; nothing happened";
  notice.next_command = "stepback status";
  return notice;
}

}  // namespace

Answered<> perform(const NotifyTestOptions& options, Session& session) {
  TRY(session.may_change("telling people"));
  Engine& engine = *TRY(session.engine());
  const auto names = TRY(channels_named(engine, options.channel));
  const auto told_to = engine.courier.tell_now(test_notice(engine, session.terminal().user), names);
  Answer answer;
  bool all = !told_to.empty();
  for (const auto& each : told_to) {
    const bool done = each.result.has_value();
    all = all && done;
    const auto why = done ? std::string("told") : each.result.error().message;
    answer.screen.push_back(Line(done ? good_sign : bad_sign, done ? Role::good : Role::bad)
                                .add(" " + each.channel + ": " + why));
    answer.rows.add({each.channel, done ? "told" : "failed", why});
    answer.ids.push_back(each.channel);
    json::Object object;
    object["channel"] = json::Value(each.channel);
    object["told"] = done;
    if (!done) object["why"] = json::Value(why);
    answer.list.push_back(std::move(object));
  }
  // One whose secret could not be read was never made.
  if (told_to.size() < names.size()) {
    all = false;
    answer.screen.push_back("some channels could not be set up: stepback doctor --only secrets");
  }
  json::Object document;
  document["schema"] = "stepback/v1/channel-test";
  document["channels"] = json::Array(answer.list.begin(), answer.list.end());
  answer.document = std::move(document);
  session.print(answer);
  return all ? Exit::done : Exit::bad;
}

Answered<> perform(const NotifyResendOptions& options, Session& session) {
  TRY(session.may_change("telling people"));
  Engine& engine = *TRY(session.engine());
  const auto id = TRY(resolve_rollback(engine, options.id));
  const Asking asking{.danger = Danger::mild,
                      .deed = "telling of " + id.text + " once more",
                      .command = fmt::format("stepback notify resend {} --reason TEXT", id.text)};
  (void)TRY(confirm(session, asking, {.reason = options.reason}));  // mild: never declined
  const auto notice =
      TRY(told(engine.inspection.resend(id, session.terminal().user),
               {.what = id.text + " was not told again", .attempt = "stepback show " + id.text}));
  // Where a server carries the notices, it carries this one too.
  if (!engine.server_is_alive()) {
    TRY(told(engine.courier.turn(),
             {.what = "people could not be told", .attempt = "stepback doctor --only notices"}));
  }
  const auto wanting = std::ranges::count_if(
      engine.settings.people, [&](const Subscription& each) { return each.wants(notice); });
  Answer answer{.screen = {fmt::format("{} goes out again, to {}", name_of(notice.kind),
                                       count_of(static_cast<std::size_t>(wanting), "channel"))},
                .document = to_json(notice),
                .ids = {notice.key}};
  answer.rows.add({notice.key, name_of(notice.kind), std::to_string(wanting)});
  session.print(answer);
  return Exit::done;
}

}  // namespace stepback::cli
