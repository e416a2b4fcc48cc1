// SPDX-License-Identifier: Apache-2.0
#include "signals/families.hpp"

namespace stepback::signals {

std::string_view type_key(const json::Reader& event) {
  return !has(event, "detail-type") && has(event, "detailType") ? "detailType" : "detail-type";
}

Checked<Envelope> read_envelope(const json::Reader& event, EventOrigin origin) {
  const bool delivered = origin == EventOrigin::delivered;
  const bool notification = type_key(event) == "detailType";
  Envelope envelope;
  if (!notification && (delivered || has(event, "id"))) TRY(view_of(event, "id"));
  if (delivered || has(event, "time")) envelope.at = TRY(time_of(event, "time"));
  if (delivered || has(event, "account")) envelope.account = TRY(text_of(event, "account"));
  if (delivered || has(event, "region")) envelope.region = TRY(text_of(event, "region"));
  return envelope;
}

}  // namespace stepback::signals
