// SPDX-License-Identifier: Apache-2.0
#include "base/signature.hpp"

#include <gtest/gtest.h>

#include "support/signer.hpp"

namespace stepback {
namespace {

const Signer& signer() {
  static const Signer one;
  return one;
}

const Instant now = parse_rfc3339("2026-03-02T09:41:17Z").value();

Code code_of(const Result<>& result) { return result ? Code::internal : result.error().code; }

TEST(Signature, OfItsOwnerIsGoodWithBothHashes) {
  for (const auto hash : {SignatureHash::sha1, SignatureHash::sha256}) {
    const auto signature = signer().sign("hello", hash);
    EXPECT_TRUE(check_signature({"hello", signature, hash}, signer().certificate(), now));
  }
}

TEST(Signature, OfAnotherTextKeyOrHashIsDenied) {
  const auto signature = signer().sign("hello");
  const auto certificate = signer().certificate();
  EXPECT_EQ(code_of(check_signature({"hello!", signature}, certificate, now)), Code::denied);
  EXPECT_EQ(code_of(check_signature({"", signature}, certificate, now)), Code::denied);
  EXPECT_EQ(code_of(check_signature({"hello", signature, SignatureHash::sha1}, certificate, now)),
            Code::denied);
  EXPECT_EQ(code_of(check_signature({"hello", signature}, Signer().certificate(), now)),
            Code::denied);
}

TEST(Signature, ThatIsNoneIsDenied) {
  const auto certificate = signer().certificate();
  for (const std::string& signature :
       {std::string(), std::string("===="), std::string("abc"), std::string("bm9uZQ=="),
        std::string("!!!!"), std::string(5000, 'A')}) {
    EXPECT_EQ(code_of(check_signature({"hello", signature}, certificate, now)), Code::denied)
        << signature;
  }
}

TEST(Certificate, MustHoldNow) {
  const auto signature = signer().sign("hello");
  const auto certificate = signer().certificate();
  for (const auto* at : {"2019-12-31T23:59:59Z", "2040-01-01T00:00:01Z"}) {
    EXPECT_EQ(
        code_of(check_signature({"hello", signature}, certificate, parse_rfc3339(at).value())),
        Code::denied);
  }
}

TEST(Certificate, ThatIsNoneOrTooWeakIsInvalid) {
  const auto signature = signer().sign("hello");
  for (const std::string& pem :
       {std::string(), std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
        std::string(100'000, 'x'), signer().certificate().substr(0, 300)}) {
    EXPECT_EQ(code_of(check_signature({"hello", signature}, pem, now)), Code::invalid);
  }
  const Signer weak(1024);
  EXPECT_EQ(code_of(check_signature({"hello", weak.sign("hello")}, weak.certificate(), now)),
            Code::invalid);
}

}  // namespace
}  // namespace stepback
