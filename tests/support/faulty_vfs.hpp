// SPDX-License-Identifier: Apache-2.0
#pragma once

// A disk that fails on demand, between SQLite and the real one (SQLite's name for such a thing is
// VFS). A store that is opened with vfs = FaultyVfs::name works as ever until a test asks for
//   - a failure: the N-th operation that changes the file answers "full" or "error", once or from
//     then on;
//   - a power cut: what was written and not flushed is lost, or a part of it.
// One store at a time, one thread; the state is the test's.

#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/ensure.hpp"
#include "base/random.hpp"

namespace stepback::testing {

class FaultyVfs {
 public:
  static constexpr const char* name = "stepback-faulty";

  FaultyVfs() {
    ENSURE(current() == nullptr);
    current() = this;
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.zName = name;
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = &open;
    vfs_.xDelete = &remove;
    ENSURE(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
  }
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;
  ~FaultyVfs() {
    sqlite3_vfs_unregister(&vfs_);
    current() = nullptr;
  }

  // The operation number `at` from now on (1: the next) answers `code`; those after it too, if it
  // is persistent. After a write that fails nothing of it is on the disk.
  struct Failure {
    int at = 1;
    int code = SQLITE_IOERR;
    bool is_persistent = false;
  };
  void fail(const Failure& failure) {
    failure_ = failure;
    operations_ = 0;
    has_failed_ = false;
  }
  void heal() { failure_.at = 0; }
  bool has_failed() const { return has_failed_; }

  // At the operation number `at` from now on the power goes: it and all that follow fail, and
  // nothing reaches the disk. Afterwards the store must be closed, then lose_unflushed() called,
  // before the file is opened again.
  void cut_power(int at) {
    fail({.at = at, .code = SQLITE_IOERR, .is_persistent = true});
    cuts_power_ = true;
  }
  // Of what was not flushed, each write is there afterwards with a chance of `kept` in a thousand.
  void lose_unflushed(Random& random, std::uint32_t kept) {
    for (auto& [path, writes] : unflushed_) restore(path, writes, random, kept);
    unflushed_.clear();
    cuts_power_ = false;
    heal();
  }

 private:
  struct File {
    sqlite3_file base;
    const std::string* path;  // owned by paths_

    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  struct Write {
    sqlite3_int64 offset;
    std::string before;
    std::string after;
    sqlite3_int64 size_before;
    bool is_truncation;
  };

  static FaultyVfs*& current() {
    static FaultyVfs* vfs = nullptr;
    return vfs;
  }
  static File* of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }

  // SQLITE_OK, or what to answer instead of doing it.
  int toll() {
    ++operations_;
    const bool fails = failure_.at > 0 && (operations_ == failure_.at ||
                                           (failure_.is_persistent && operations_ > failure_.at));
    if (!fails) return SQLITE_OK;
    has_failed_ = true;
    return failure_.code;
  }

  static std::string read(File* file, sqlite3_int64 offset, int length) {
    sqlite3_int64 size = 0;
    file->real()->pMethods->xFileSize(file->real(), &size);
    const auto there = std::max<sqlite3_int64>(0, std::min<sqlite3_int64>(length, size - offset));
    std::string bytes(static_cast<std::size_t>(there), '\0');
    if (there > 0) {
      file->real()->pMethods->xRead(file->real(), bytes.data(), static_cast<int>(there), offset);
    }
    return bytes;
  }
  static sqlite3_int64 size_of(File* file) {
    sqlite3_int64 size = 0;
    file->real()->pMethods->xFileSize(file->real(), &size);
    return size;
  }

  static void restore(const std::string& path, const std::vector<Write>& writes, Random& random,
                      std::uint32_t kept) {
    std::string bytes;
    {
      std::ifstream in(path, std::ios::binary);
      bytes.assign(std::istreambuf_iterator<char>(in), {});
    }
    const auto put = [&](sqlite3_int64 offset, const std::string& part) {
      const auto at = static_cast<std::size_t>(offset);
      if (bytes.size() < at + part.size()) bytes.resize(at + part.size());
      bytes.replace(at, part.size(), part);
    };
    for (auto write = writes.rbegin(); write != writes.rend(); ++write) {
      put(write->offset, write->before);
      bytes.resize(static_cast<std::size_t>(write->size_before));
    }
    for (const Write& write : writes) {
      if (!random.chance(kept)) continue;
      if (write.is_truncation) {
        bytes.resize(static_cast<std::size_t>(write.offset));
      } else {
        put(write.offset, write.after);
      }
    }
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  // --- what SQLite calls
  // --------------------------------------------------------------------------

  static int open(sqlite3_vfs*, const char* path, sqlite3_file* handle, int flags, int* out) {
    FaultyVfs& self = *current();
    File* file = of(handle);
    file->base.pMethods = nullptr;
    self.paths_.push_back(std::make_unique<std::string>(path == nullptr ? "" : path));
    file->path = self.paths_.back().get();
    const int result = self.real_->xOpen(self.real_, path, file->real(), flags, out);
    if (result == SQLITE_OK) file->base.pMethods = &methods();
    return result;
  }

  static int remove(sqlite3_vfs*, const char* path, int flush) {
    FaultyVfs& self = *current();
    if (self.cuts_power_ && self.has_failed_) return SQLITE_IOERR_DELETE;
    self.unflushed_.erase(path);
    return self.real_->xDelete(self.real_, path, flush);
  }

  static int write(sqlite3_file* handle, const void* bytes, int length, sqlite3_int64 offset) {
    FaultyVfs& self = *current();
    File* file = of(handle);
    if (const int failed = self.toll(); failed != SQLITE_OK) return failed;
    Write write{
        .offset = offset,
        .before = read(file, offset, length),
        .after = std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(length)),
        .size_before = size_of(file),
        .is_truncation = false};
    self.unflushed_[*file->path].push_back(std::move(write));
    return file->real()->pMethods->xWrite(file->real(), bytes, length, offset);
  }

  static int truncate(sqlite3_file* handle, sqlite3_int64 size) {
    FaultyVfs& self = *current();
    File* file = of(handle);
    if (const int failed = self.toll(); failed != SQLITE_OK) return failed;
    const sqlite3_int64 before = size_of(file);
    Write write{
        .offset = size,
        .before = read(file, size, static_cast<int>(std::max<sqlite3_int64>(0, before - size))),
        .after = {},
        .size_before = before,
        .is_truncation = true};
    self.unflushed_[*file->path].push_back(std::move(write));
    return file->real()->pMethods->xTruncate(file->real(), size);
  }

  static int sync(sqlite3_file* handle, int flags) {
    FaultyVfs& self = *current();
    File* file = of(handle);
    if (const int failed = self.toll(); failed != SQLITE_OK) {
      return failed == SQLITE_IOERR ? SQLITE_IOERR_FSYNC : failed;
    }
    self.unflushed_.erase(*file->path);
    return file->real()->pMethods->xSync(file->real(), flags);
  }

  static int close(sqlite3_file* handle) {
    File* file = of(handle);
    return file->real()->pMethods->xClose(file->real());
  }

  static const sqlite3_io_methods& methods() {
    static const sqlite3_io_methods all{
        .iVersion = 2,  // without memory-mapped files, which would pass us by
        .xClose = &close,
        .xRead =
            [](sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
              return of(f)->real()->pMethods->xRead(of(f)->real(), to, n, at);
            },
        .xWrite = &write,
        .xTruncate = &truncate,
        .xSync = &sync,
        .xFileSize =
            [](sqlite3_file* f, sqlite3_int64* size) {
              return of(f)->real()->pMethods->xFileSize(of(f)->real(), size);
            },
        .xLock = [](sqlite3_file* f,
                    int lock) { return of(f)->real()->pMethods->xLock(of(f)->real(), lock); },
        .xUnlock = [](sqlite3_file* f,
                      int lock) { return of(f)->real()->pMethods->xUnlock(of(f)->real(), lock); },
        .xCheckReservedLock =
            [](sqlite3_file* f, int* out) {
              return of(f)->real()->pMethods->xCheckReservedLock(of(f)->real(), out);
            },
        .xFileControl =
            [](sqlite3_file* f, int op, void* argument) {
              return of(f)->real()->pMethods->xFileControl(of(f)->real(), op, argument);
            },
        .xSectorSize =
            [](sqlite3_file* f) { return of(f)->real()->pMethods->xSectorSize(of(f)->real()); },
        .xDeviceCharacteristics =
            [](sqlite3_file* f) {
              return of(f)->real()->pMethods->xDeviceCharacteristics(of(f)->real());
            },
        .xShmMap =
            [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
              return of(f)->real()->pMethods->xShmMap(of(f)->real(), page, size, extend, out);
            },
        .xShmLock =
            [](sqlite3_file* f, int offset, int n, int flags) {
              return of(f)->real()->pMethods->xShmLock(of(f)->real(), offset, n, flags);
            },
        .xShmBarrier = [](sqlite3_file* f) { of(f)->real()->pMethods->xShmBarrier(of(f)->real()); },
        .xShmUnmap =
            [](sqlite3_file* f, int remove_it) {
              return of(f)->real()->pMethods->xShmUnmap(of(f)->real(), remove_it);
            },
        .xFetch = nullptr,
        .xUnfetch = nullptr,
    };
    return all;
  }

  sqlite3_vfs* real_ = nullptr;
  sqlite3_vfs vfs_{};
  Failure failure_{.at = 0};
  int operations_ = 0;
  bool has_failed_ = false;
  bool cuts_power_ = false;
  std::vector<std::unique_ptr<std::string>> paths_;
  std::map<std::string, std::vector<Write>> unflushed_;  // by path
};

}  // namespace stepback::testing
