// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/incidents.hpp"

#include "base/text.hpp"
#include "wire/incident.hpp"
#include "wire/pattern.hpp"

namespace stepback::aws {

Result<std::string> S3Incidents::open(const Notice& notice) {
  TRY(must_be_plain(notice.environment));
  const auto incident = TRY(incident_name(notice));
  const ObjectName name{fill_in(config_.bucket, {{"environment", notice.environment.name}}),
                        ".stepback/incidents/" + incident + ".md"};
  const Put page{.bytes = incident_page(incident, notice, config_.style),
                 .type = "text/markdown; charset=utf-8",
                 .metadata = {},
                 .condition = {.etag = "", .absent = true}};
  const auto written = s3_.put(name, page);
  // There already: people may have written into it.
  const bool is_there = !written && written.error().status == 412;
  if (!written && !is_there) return fail(to_error(written.error()).during("opening " + incident));
  return "s3://" + name.bucket + "/" + name.key;
}

}  // namespace stepback::aws
