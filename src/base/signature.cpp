// SPDX-License-Identifier: Apache-2.0
#include "base/signature.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <optional>
#include <vector>

namespace stepback {
namespace {

constexpr std::size_t longest_certificate = 64 * 1024;
constexpr std::size_t longest_signature = 4096;  // in base 64
constexpr int least_bits = 2048;

template <auto free>
struct Freed {
  void operator()(auto* thing) const { free(thing); }
};
using Bytes = std::unique_ptr<BIO, Freed<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Check = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

Certificate certificate_in(std::string_view pem) {
  if (pem.size() > longest_certificate) return nullptr;
  const Bytes bytes(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // Without a way to ask for a password: it must never wait for a terminal.
  const auto nobody = [](char*, int, int, void*) { return -1; };
  Certificate found(PEM_read_bio_X509(bytes.get(), nullptr, nobody, nullptr));
  ERR_clear_error();
  return found;
}

std::optional<std::vector<unsigned char>> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > longest_signature) return std::nullopt;
  std::vector<unsigned char> bytes(text.size() / 4 * 3);
  const int size =
      EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  std::size_t padding = 0;  // which it decodes to zeros
  while (padding < 2 && text[text.size() - 1 - padding] == '=') ++padding;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

bool holds_at(X509* certificate, Instant now) {
  time_t seconds = now.ms / 1000;
  return X509_cmp_time(X509_get0_notBefore(certificate), &seconds) < 0 &&
         X509_cmp_time(X509_get0_notAfter(certificate), &seconds) > 0;
}

bool is_signed(EVP_PKEY* key, const Signed& text, const std::vector<unsigned char>& signature) {
  const Check check(EVP_MD_CTX_new());
  const EVP_MD* hash = text.hash == SignatureHash::sha1 ? EVP_sha1() : EVP_sha256();
  const bool is = EVP_DigestVerifyInit(check.get(), nullptr, hash, nullptr, key) == 1 &&
                  EVP_DigestVerify(check.get(), signature.data(), signature.size(),
                                   reinterpret_cast<const unsigned char*>(text.text.data()),
                                   text.text.size()) == 1;
  ERR_clear_error();
  return is;
}

}  // namespace

Result<> check_signature(const Signed& text, std::string_view certificate_pem, Instant now) {
  const auto certificate = certificate_in(certificate_pem);
  if (!certificate) return fail(Code::invalid, "the certificate is not one in PEM");
  EVP_PKEY* const key = X509_get0_pubkey(certificate.get());
  if (key == nullptr || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA ||
      EVP_PKEY_get_bits(key) < least_bits) {
    return fail(Code::invalid, "the certificate has no RSA key of 2,048 bits or more");
  }
  if (!holds_at(certificate.get(), now)) {
    return fail(Code::denied, "the certificate has expired, or does not hold yet");
  }
  const auto signature = from_base64(text.signature);
  if (!signature) return fail(Code::denied, "the signature is not base 64");
  if (!is_signed(key, text, *signature)) {
    return fail(Code::denied, "the signature is not of this text by this certificate's owner");
  }
  return {};
}

}  // namespace stepback
