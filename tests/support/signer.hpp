// SPDX-License-Identifier: Apache-2.0
#pragma once

// A signer with a key and a certificate of its own, made in the test that has it: what a topic of
// SNS is to whoever checks its deliveries. One thread.

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/signature.hpp"

namespace stepback {

class Signer {
 public:
  // Its certificate holds in the years from 2020 to 2040.
  explicit Signer(unsigned int bits = 2048)
      : key_(EVP_RSA_gen(bits), EVP_PKEY_free), paper_(X509_new(), X509_free) {
    X509_set_version(paper_.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(paper_.get()), 1);
    ASN1_TIME_set_string(X509_getm_notBefore(paper_.get()), "20200101000000Z");
    ASN1_TIME_set_string(X509_getm_notAfter(paper_.get()), "20400101000000Z");
    X509_set_pubkey(paper_.get(), key_.get());
    X509_set_issuer_name(paper_.get(), X509_get_subject_name(paper_.get()));
    EXPECT_GT(X509_sign(paper_.get(), key_.get(), EVP_sha256()), 0);
  }

  std::string certificate() const {
    BIO* const out = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(out, paper_.get());
    char* text = nullptr;
    const auto size = BIO_get_mem_data(out, &text);
    std::string pem(text, static_cast<std::size_t>(size));
    BIO_free(out);
    return pem;
  }

  // In base 64.
  std::string sign(std::string_view text, SignatureHash hash = SignatureHash::sha256) const {
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    const EVP_MD* kind = hash == SignatureHash::sha1 ? EVP_sha1() : EVP_sha256();
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t size = 0;
    EXPECT_EQ(EVP_DigestSignInit(context, nullptr, kind, nullptr, key_.get()), 1);
    EXPECT_EQ(EVP_DigestSign(context, nullptr, &size, bytes, text.size()), 1);
    std::vector<unsigned char> signature(size);
    EXPECT_EQ(EVP_DigestSign(context, signature.data(), &size, bytes, text.size()), 1);
    EVP_MD_CTX_free(context);
    std::vector<unsigned char> encoded(size * 2);
    const int length = EVP_EncodeBlock(encoded.data(), signature.data(), static_cast<int>(size));
    return {encoded.begin(), encoded.begin() + length};
  }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::unique_ptr<X509, decltype(&X509_free)> paper_;
};

}  // namespace stepback
