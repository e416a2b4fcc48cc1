// SPDX-License-Identifier: Apache-2.0
#include "signals/families.hpp"

namespace stepback::signals {

std::string_view type_key(const json::Reader& event) {
  return !event.has("detail-type") && event.has("detailType") ? "detailType" : "detail-type";
}

Checked<Envelope> read_envelope(const json::Reader& event, EventOrigin origin) {
  const bool delivered = origin == EventOrigin::delivered;
  const bool notification = type_key(event) == "detailType";
  Envelope envelope;
  if (!notification && (delivered || event.has("id"))) TRY(text_of(event, "id"));
  if (delivered || event.has("time")) envelope.at = TRY(time_of(event, "time"));
  if (delivered || event.has("account")) envelope.account = TRY(text_of(event, "account"));
  if (delivered || event.has("region")) envelope.region = TRY(text_of(event, "region"));
  return envelope;
}

}  // namespace stepback::signals
