// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a machine shows of a service: folders of releases, the link to the live one beside them, and
// the unit of systemd that runs from it. Reading only. Used for the first configuration, which says
// what was found and leaves the rest to be filled in; it starts in shadow mode.

#include <string>
#include <vector>

namespace stepback {

struct FoundPlace {
  std::string environment;
  std::string releases;  // absolute
  std::string current;
  std::string unit;  // of systemd; empty: none mentions the link

  bool operator==(const FoundPlace&) const = default;
};

struct FoundService {
  std::string name;
  std::vector<FoundPlace> places;  // in promotion order, as far as names tell

  bool operator==(const FoundService&) const = default;
};

struct WhereToLook {
  std::vector<std::string> roots{"/srv", "/opt", "/var/www"};
  std::string units = "/etc/systemd/system";
};

// ROOT/SERVICE/ENVIRONMENT/current -> releases/..., or ROOT/SERVICE/current. The service with most
// environments first.
std::vector<FoundService> look_around(const WhereToLook& where);

// A commented stepback.yaml, in shadow mode.
std::string first_configuration(const std::vector<FoundService>& found);

}  // namespace stepback
