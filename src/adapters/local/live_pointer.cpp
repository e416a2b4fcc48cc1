// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/live_pointer.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "base/json.hpp"
#include "wire/manifest.hpp"
#include "wire/pattern.hpp"

namespace stepback::local {
namespace {

constexpr Duration lock_patience = seconds(2);
constexpr std::string_view releases_part = "releases/";

Result<std::uint64_t> read_number(const json::Reader& from, std::string_view name) {
  const std::int64_t number = TRY(from.integer(name));
  if (number < 0) return fail(from.wrong(name, "expected a number that is not below 0"));
  return static_cast<std::uint64_t>(number);
}

Result<PointerStamp> decode_stamp(std::string_view text) {
  const json::Value value = TRY(json::parse(text));
  const json::Reader from(value);
  PointerStamp stamp;
  stamp.version = TRY(from.text("version"));
  stamp.digest = TRY(from.text("digest"));
  stamp.operation = TRY(read_number(from, "operation"));
  stamp.switched = TRY(read_number(from, "switched"));
  stamp.settled = TRY(read_number(from, "settled"));
  return stamp;
}

}  // namespace

Result<LivePointer> LivePointer::open(const std::string& root) {
  Descriptor handle = TRY(open_directory(root));
  return LivePointer(root, std::move(handle));
}

Result<FileLock> LivePointer::lock() const {
  return FileLock::take(root_ + "/current.lock", lock_patience);
}

CommandRecord LivePointer::command(const Clock& clock) const {
  return {root_ + "/current.command", clock};
}

Result<PointerStamp> LivePointer::read_stamp() const {
  const std::string path = root_ + "/current.stamp";
  const auto text = read_file(path);
  if (!text && text.error().code == Code::not_found) return PointerStamp{};
  if (!text) return fail(text.error());
  auto stamp = decode_stamp(*text);
  if (!stamp) return fail(Code::corrupt, path + ": " + stamp.error().message);
  return stamp;
}

Result<> LivePointer::write_stamp(const PointerStamp& stamp) const {
  json::Object object;
  object["schema"] = 1;
  object["version"] = stamp.version;
  object["digest"] = stamp.digest;
  object["operation"] = stamp.operation;
  object["switched"] = stamp.switched;
  object["settled"] = stamp.settled;
  return replace_file(root_ + "/current.stamp", json::write(object) + "\n");
}

Result<std::string> LivePointer::version() const {
  std::array<char, longest_path> text{};
  const ssize_t length = ::readlinkat(handle_.number(), "current", text.data(), text.size());
  if (length < 0 && errno == ENOENT) return std::string();
  if (length < 0 && errno == EINVAL) {
    return fail(Code::corrupt, root_ + "/current is not a link: nobody can say what is live");
  }
  if (length < 0) return fail(system_error("read link", root_ + "/current", errno));
  const std::string_view target(text.data(), static_cast<std::size_t>(length));
  std::string_view name = target;
  if (name.starts_with(root_ + "/")) name.remove_prefix(root_.size() + 1);
  const bool is_inside = name.starts_with(releases_part);
  if (is_inside) name.remove_prefix(releases_part.size());
  while (name.ends_with('/')) name.remove_suffix(1);
  if (is_inside && must_be_plain(Version{std::string(name)})) return std::string(name);
  return fail(Code::corrupt,
              fmt::format("{}/current leads to {}, which is no release", root_, one_line(target)));
}

Result<> LivePointer::must_lead_to(const std::string& name, const Descriptor& tree) const {
  struct stat now{};
  struct stat verified{};
  if (::fstatat(handle_.number(), name.c_str(), &now, 0) == 0 &&
      ::fstat(tree.number(), &verified) == 0 && now.st_dev == verified.st_dev &&
      now.st_ino == verified.st_ino) {
    return {};
  }
  return fail(Code::corrupt, name + " is not the directory that was verified a moment ago");
}

Result<> LivePointer::move_to(const Version& version, const Descriptor& tree) const {
  const std::string target = std::string(releases_part) + version.text;
  TRY(must_lead_to(target, tree));
  // Under the lock this name is ours alone; one that is there was left by somebody who died.
  const std::string beside = ".current.new";
  ::unlinkat(handle_.number(), beside.c_str(), 0);
  if (::symlinkat(target.c_str(), handle_.number(), beside.c_str()) != 0) {
    return fail(system_error("make link", beside, errno));
  }
  if (::renameat(handle_.number(), beside.c_str(), handle_.number(), "current") != 0) {
    const int number = errno;
    ::unlinkat(handle_.number(), beside.c_str(), 0);
    return fail(system_error("replace", root_ + "/current", number));
  }
  if (::fsync(handle_.number()) != 0) return fail(system_error("flush", root_, errno));
  return must_lead_to("current", tree);
}

}  // namespace stepback::local
