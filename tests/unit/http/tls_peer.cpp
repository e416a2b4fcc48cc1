// SPDX-License-Identifier: Apache-2.0
#include "tls_peer.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>

#include "base/ensure.hpp"

namespace stepback::http {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Paper = std::unique_ptr<X509, decltype(&X509_free)>;
using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

Key make_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

void add_extension(X509* paper, int which, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, which, value.c_str());
  ENSURE(extension != nullptr);
  X509_add_ext(paper, extension, -1);
  X509_EXTENSION_free(extension);
}

Paper make_paper(const std::string& name, EVP_PKEY* key, const Certificate& certificate) {
  Paper paper(X509_new(), X509_free);
  X509_set_version(paper.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(paper.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(paper.get()), certificate.valid_from_seconds);
  X509_gmtime_adj(X509_getm_notAfter(paper.get()), certificate.valid_to_seconds);
  X509_set_pubkey(paper.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(paper.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return paper;
}

std::string write_to_file(X509* paper) {
  std::string path = "/tmp/stepback-authority-" + std::string(6, 'X');  // mkstemp's to fill
  const Descriptor descriptor(mkstemp(path.data()));
  ENSURE(descriptor.is_open());
  BIO* out = BIO_new_fd(descriptor.number(), BIO_NOCLOSE);
  PEM_write_bio_X509(out, paper);
  BIO_free(out);
  return path;
}

}  // namespace

struct TlsPeer::Identity {
  explicit Identity(const Certificate& certificate)
      : authority(make_paper("authority", authority_key.get(), {})),
        paper(make_paper("peer", key.get(), certificate)) {
    X509_set_issuer_name(authority.get(), X509_get_subject_name(authority.get()));
    add_extension(authority.get(), NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(authority.get(), authority_key.get(), EVP_sha256());

    const bool self = certificate.is_self_signed;
    X509* const issuer = self ? paper.get() : authority.get();
    X509_set_issuer_name(paper.get(), X509_get_subject_name(issuer));
    add_extension(paper.get(), NID_subject_alt_name, certificate.name);
    X509_sign(paper.get(), self ? key.get() : authority_key.get(), EVP_sha256());

    SSL_CTX_use_certificate(context.get(), paper.get());
    SSL_CTX_use_PrivateKey(context.get(), key.get());
  }

  Key authority_key = make_key();
  Key key = make_key();
  Paper authority;
  Paper paper;
  Context context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
};

void write_papers(const Certificate& certificate, const std::string& certificate_file,
                  const std::string& key_file) {
  const TlsPeer::Identity identity(certificate);
  BIO* paper = BIO_new_file(certificate_file.c_str(), "w");
  PEM_write_bio_X509(paper, identity.paper.get());
  BIO_free(paper);
  BIO* key = BIO_new_file(key_file.c_str(), "w");
  PEM_write_bio_PrivateKey(key, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  BIO_free(key);
  ENSURE(chmod(key_file.c_str(), 0600) == 0);
}

TlsPeer::TlsPeer(const Certificate& certificate, std::string answer, bool says_farewell)
    : identity_(std::make_unique<Identity>(certificate)),
      peer_([this, answer = std::move(answer), says_farewell](RawConnection& connection) {
        const std::unique_ptr<SSL, decltype(&SSL_free)> session(SSL_new(identity_->context.get()),
                                                                SSL_free);
        SSL_set_fd(session.get(), connection.descriptor());
        if (SSL_accept(session.get()) != 1) return;
        ++handshakes_;
        std::string request;
        std::array<char, 4096> buffer;
        while (request.find("\r\n\r\n") == request.npos) {
          const int got = SSL_read(session.get(), buffer.data(), static_cast<int>(buffer.size()));
          if (got <= 0) return;
          request.append(buffer.data(), static_cast<std::size_t>(got));
        }
        SSL_write(session.get(), answer.data(), static_cast<int>(answer.size()));
        if (says_farewell) SSL_shutdown(session.get());
      }) {
  authority_file_ = write_to_file(identity_->authority.get());
}

TlsPeer::~TlsPeer() { unlink(authority_file_.c_str()); }

Url TlsPeer::url(std::string_view host) const {
  Url url = peer_.url();
  url.is_secure = true;
  url.host = host;
  return url;
}

}  // namespace stepback::http
