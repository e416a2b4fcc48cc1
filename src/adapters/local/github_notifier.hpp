// SPDX-License-Identifier: Apache-2.0
#pragma once

// GithubNotifier: shows rollbacks where a repository shows its deployments. The address of the
// repository's API comes from the configuration. A rollback's deployment is looked for before it is
// made, so that telling it twice makes one. Used by the courier, one thread at a time.

#include <string>

#include "adapters/local/notifiers.hpp"

namespace stepback::local {

class GithubNotifier final : public Notifier {
 public:
  // `url` is that of the repository: https://HOST/repos/OWNER/NAME; `secret` a token for it.
  explicit GithubNotifier(WebhookConfig config);
  std::string_view name() const override { return config_.subscription.name; }
  bool wants(const Notice& notice) const override { return config_.subscription.wants(notice); }
  Result<> tell(const Notice& notice) override;

 private:
  Result<http::Response> ask(http::Method method, const std::string& path, std::string body);
  // 0: there is none.
  Result<std::int64_t> find(const Notice& notice);
  Result<std::int64_t> create(const Notice& notice);

  WebhookConfig config_;
  http::Client client_;
};

}  // namespace stepback::local
