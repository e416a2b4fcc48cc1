// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

namespace stepback {
namespace {

constexpr auto of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr auto of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

// An unnamed file that goes with the test.
struct TemporaryFile {
  std::unique_ptr<FILE, int (*)(FILE*)> file{std::tmpfile(), std::fclose};
  int descriptor() const { return fileno(file.get()); }
};

TEST(Digest, AgreesWithThePublishedVectors) {
  EXPECT_EQ(sha256_hex(""), of_nothing);
  EXPECT_EQ(sha256_hex("abc"), of_abc);
}

TEST(Digest, IsTheSameForPartsAsForTheWhole) {
  Sha256 hash;
  hash.add("a");
  hash.add("");
  hash.add("bc");
  EXPECT_EQ(to_hex(hash.finish()), of_abc);
  EXPECT_EQ(to_hex(hash.finish()), of_nothing);
}

TEST(Digest, OfAFileIsOfAllItsBytesWhateverItsOffset) {
  const TemporaryFile file;
  const std::string content(300'000, 'q');
  ASSERT_EQ(write(file.descriptor(), content.data(), content.size()),
            static_cast<ssize_t>(content.size()));
  EXPECT_EQ(sha256_file(file.descriptor()).value(), sha256_hex(content));
  EXPECT_EQ(lseek(file.descriptor(), 0, SEEK_CUR), static_cast<off_t>(content.size()));
}

TEST(Digest, OfAFileThatIsNotOpenIsAnError) {
  const auto digest = sha256_file(-1);
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().message, "reading a file to hash it: Bad file descriptor");
}

TEST(Hmac, AgreesWithRfc4231) {
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256("", "")),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(ConstantTimeCompare, TellsEqualFromDifferent) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

}  // namespace
}  // namespace stepback
