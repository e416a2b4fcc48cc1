// SPDX-License-Identifier: Apache-2.0
#pragma once

// RSA signatures (PKCS #1 v1.5) held against the certificate of whoever signed, by OpenSSL. Whose
// certificate it is, the caller must know from elsewhere: no chain is looked at. Used by the API
// for deliveries of topics. Pure; usable from any thread.

#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace stepback {

enum class SignatureHash { sha1, sha256 };

struct Signed {
  std::string_view text;
  std::string_view signature;  // base 64
  SignatureHash hash = SignatureHash::sha256;
};

// invalid: the certificate is none, or has no RSA key of 2,048 bits at least. denied: it does not
// hold at `now`, or the signature is not its owner's of this text.
Result<> check_signature(const Signed& text, std::string_view certificate_pem, Instant now);

}  // namespace stepback
