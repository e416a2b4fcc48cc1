// SPDX-License-Identifier: Apache-2.0
#include "adapters/local/tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <vector>

#include "base/digest.hpp"
#include "wire/pattern.hpp"

namespace stepback::local {
namespace {

constexpr int deepest = 64;
constexpr int most_tries = 100;
constexpr std::size_t part_bytes = 256 * 1024;

Error at(const std::string& deed, const std::string& path, int number) {
  return system_error(deed, "\"" + one_line(path) + "\"", number);
}

Result<std::vector<std::string>> names_of(const Descriptor& directory, const std::string& path) {
  // fdopendir takes its descriptor over, and reading moves the offset: so a second one.
  const int own = ::openat(directory.number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (own < 0) return fail(at("list", path, errno));
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(own), ::closedir);
  if (!listing) return fail(at("list", path, errno));
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    names.emplace_back(name);
    if (names.size() > most_entries) break;
  }
  if (errno != 0) return fail(at("list", path, errno));
  return names;
}

Result<Descriptor> open_file(const Descriptor& directory, const std::string& name,
                             const std::string& path) {
  Descriptor file(
      ::openat(directory.number(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open()) return fail(at("open", path, errno));
  struct stat facts{};
  if (::fstat(file.number(), &facts) != 0) return fail(at("look at", path, errno));
  if (!S_ISREG(facts.st_mode)) return fail(Code::invalid, path + " is no longer a file");
  return file;
}

Result<std::string> read_link(const Descriptor& directory, const std::string& name,
                              const std::string& path) {
  std::array<char, longest_path + 1> target{};
  const ssize_t length =
      ::readlinkat(directory.number(), name.c_str(), target.data(), target.size());
  if (length < 0) return fail(at("read link", path, errno));
  if (static_cast<std::size_t>(length) > longest_path) {
    return fail(Code::invalid, "\"" + one_line(path) + "\" is a link to a very long path");
  }
  return std::string(target.data(), static_cast<std::size_t>(length));
}

// Goes over a tree. With `to`, what is read is written there too.
class Walk {
 public:
  explicit Walk(Reading reading) : reading_(reading) {}

  Result<> enter(const Descriptor& from, const Descriptor* to, const std::string& path, int depth) {
    if (depth > deepest) return fail(Code::invalid, "\"" + one_line(path) + "\" lies too deep");
    for (const std::string& name : TRY(names_of(from, path))) {
      const std::string below = path.empty() ? name : path + "/" + name;
      if (!is_sound_path(below)) {
        return fail(Code::invalid, "\"" + one_line(below) + "\" is a name that is not taken");
      }
      if (manifest_.entries.size() >= most_entries) {
        return fail(Code::invalid, fmt::format("more than {} files", most_entries));
      }
      TRY(visit(from, to, name, below, depth));
    }
    return {};
  }

  Manifest take() {
    std::ranges::sort(manifest_.entries, {}, &ManifestEntry::path);
    return std::move(manifest_);
  }

 private:
  Result<> visit(const Descriptor& from, const Descriptor* to, const std::string& name,
                 const std::string& path, int depth) {
    struct stat facts{};
    if (::fstatat(from.number(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
      return fail(at("look at", path, errno));
    }
    if (S_ISDIR(facts.st_mode)) return visit_directory(from, to, name, path, depth);
    if (S_ISLNK(facts.st_mode)) return visit_link(from, to, name, path);
    if (S_ISREG(facts.st_mode)) return visit_file(from, to, name, path, facts);
    return fail(Code::invalid,
                "\"" + one_line(path) + "\" is neither a file, a directory nor a link");
  }

  Result<> visit_directory(const Descriptor& from, const Descriptor* to, const std::string& name,
                           const std::string& path, int depth) {
    manifest_.entries.push_back({.path = path, .kind = EntryKind::directory});
    const Descriptor below = TRY(open_child(from, name));
    if (to == nullptr) return enter(below, nullptr, path, depth + 1);
    if (::mkdirat(to->number(), name.c_str(), shared_mode) != 0) {
      return fail(at("make directory", path, errno));
    }
    const Descriptor copy = TRY(open_child(*to, name));
    if (::fchmod(copy.number(), shared_mode) != 0) return fail(at("set mode of", path, errno));
    return enter(below, &copy, path, depth + 1);
  }

  Result<> visit_link(const Descriptor& from, const Descriptor* to, const std::string& name,
                      const std::string& path) {
    const std::string target = TRY(read_link(from, name, path));
    manifest_.entries.push_back({.path = path,
                                 .kind = EntryKind::link,
                                 .size = target.size(),
                                 .sha256 = sha256_hex(target)});
    if (to != nullptr && ::symlinkat(target.c_str(), to->number(), name.c_str()) != 0) {
      return fail(at("make link", path, errno));
    }
    return {};
  }

  Result<> visit_file(const Descriptor& from, const Descriptor* to, const std::string& name,
                      const std::string& path, const struct stat& facts) {
    if ((facts.st_mode & (S_ISUID | S_ISGID)) != 0) {
      return fail(Code::invalid, "\"" + one_line(path) + "\" would run as somebody else");
    }
    ManifestEntry entry{.path = path,
                        .executable = (facts.st_mode & S_IXUSR) != 0,
                        .size = static_cast<std::uint64_t>(facts.st_size)};
    if (to != nullptr) {
      TRY(copy_file(from, *to, name, entry));
    } else if (reading_ == Reading::every_byte) {
      const Descriptor file = TRY(open_file(from, name, path));
      const auto hash = sha256_file(file.number());
      if (!hash) return fail(hash.error().during("read \"" + one_line(path) + "\""));
      entry.sha256 = *hash;
    }
    manifest_.entries.push_back(std::move(entry));
    return {};
  }

  Result<> copy_file(const Descriptor& from, const Descriptor& to, const std::string& name,
                     ManifestEntry& entry) {
    const Descriptor source = TRY(open_file(from, name, entry.path));
    const Descriptor copy(::openat(to.number(), name.c_str(),
                                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!copy.is_open()) return fail(at("create", entry.path, errno));
    Sha256 hash;
    entry.size = 0;
    while (true) {
      const ssize_t got = ::read(source.number(), part_.data(), part_.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail(at("read", entry.path, errno));
      if (got == 0) break;
      const std::string_view bytes(part_.data(), static_cast<std::size_t>(got));
      hash.add(bytes);
      TRY(write_all(copy, bytes, entry.path));
      entry.size += bytes.size();
    }
    entry.sha256 = to_hex(hash.finish());
    if (::fchmod(copy.number(), entry.executable ? 0755 : 0644) != 0) {
      return fail(at("set mode of", entry.path, errno));
    }
    return {};
  }

  Reading reading_;
  Manifest manifest_;
  std::vector<char> part_ = std::vector<char>(part_bytes);
};

Descriptor resolve_inside(const Descriptor& tree, const std::string& path) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  // It says "again" when something was renamed anywhere meanwhile.
  for (int tries = 0; tries < most_tries; ++tries) {
    Descriptor end(
        static_cast<int>(::syscall(SYS_openat2, tree.number(), path.c_str(), &how, sizeof how)));
    if (end.is_open() || errno != EAGAIN) return end;
  }
  return {};
}

// The system itself resolves the link, on the copy, and says whether it stays inside.
Result<> must_stay_inside(const Descriptor& tree, const Manifest& manifest) {
  for (const ManifestEntry& entry : manifest.entries) {
    if (entry.kind != EntryKind::link) continue;
    const Descriptor end = resolve_inside(tree, entry.path);
    if (end.is_open()) continue;
    return fail(Code::invalid, "\"" + one_line(entry.path) + "\" is a link that leads " +
                                   (errno == EXDEV ? "out of the release" : "nowhere"));
  }
  return {};
}

Result<> empty_directory(const Descriptor& directory, const std::string& path, int depth) {
  if (depth > 2 * deepest) return fail(Code::invalid, path + " lies too deep to be removed");
  for (const std::string& name : TRY(names_of(directory, path))) {
    const std::string below = path + "/" + name;
    if (::unlinkat(directory.number(), name.c_str(), 0) == 0) continue;
    if (errno != EISDIR) return fail(at("remove", below, errno));
    const Descriptor child = TRY(open_child(directory, name));
    TRY(empty_directory(child, below, depth + 1));
    if (::unlinkat(directory.number(), name.c_str(), AT_REMOVEDIR) != 0) {
      return fail(at("remove", below, errno));
    }
  }
  return {};
}

}  // namespace

Result<Descriptor> open_child(const Descriptor& directory, const std::string& name) {
  Descriptor child(
      ::openat(directory.number(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!child.is_open()) return fail(at("open directory", name, errno));
  return child;
}

Result<Manifest> read_tree(const Descriptor& tree, Reading reading) {
  Walk walk(reading);
  TRY(walk.enter(tree, nullptr, "", 0));
  return walk.take();
}

Result<Manifest> copy_tree(const Descriptor& from, const Descriptor& to) {
  Walk walk(Reading::every_byte);
  TRY(walk.enter(from, &to, "", 0));
  Manifest manifest = walk.take();
  TRY(must_stay_inside(to, manifest));
  return manifest;
}

Result<> flush_tree(const Descriptor& tree) {
  // One flush of the whole filesystem: flushing many thousand files one by one takes far longer.
  if (::syncfs(tree.number()) != 0) return fail(at("flush", "the copy", errno));
  return {};
}

Result<> remove_tree(const Descriptor& directory, const std::string& name) {
  if (::unlinkat(directory.number(), name.c_str(), 0) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR) return fail(at("remove", name, errno));
  const Descriptor child = TRY(open_child(directory, name));
  TRY(empty_directory(child, name, 0));
  if (::unlinkat(directory.number(), name.c_str(), AT_REMOVEDIR) != 0) {
    return fail(at("remove", name, errno));
  }
  return {};
}

}  // namespace stepback::local
