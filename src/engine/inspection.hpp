// SPDX-License-Identifier: Apache-2.0
#pragma once

// Inspection: what people look at when something is wrong, beyond what Query tells everybody: where
// records and the world differ, what lies where versions are kept, logs, the delivery pipeline, the
// wiring. It asks the ports side by side with the records and lets the domain judge. Mending
// changes records only. Called by the entries; one thread at a time.

#include <optional>
#include <string>
#include <vector>

#include "domain/checklist.hpp"
#include "domain/checkup.hpp"
#include "domain/drift.hpp"
#include "engine/performer.hpp"
#include "ports/inspection.hpp"
#include "ports/liveness.hpp"

namespace stepback {

struct Looking {
  Shelf& shelf;
  LogReader& logs;
  PipelineView& pipelines;
  AlarmHistory& alarms;
  Repository& repository;
  Wiring& wiring;
};

// One version as it lies where an environment's versions are kept, beside what is on record.
struct ArtifactView {
  Version version;
  std::optional<Deployment> deployment;  // the newest with this version; none: on no record
  Digest recorded;                       // empty: nobody recorded one
  ArtifactState state = ArtifactState::present;
  std::string detail;
  std::optional<Shelved> shelved;  // none: it is not there
  std::optional<Missing> missing;
  bool verified = false;  // every byte was read, and is what was recorded
  bool is_live = false;
  bool is_target = false;  // a rollback would go back to it now
};

class Inspection {
 public:
  struct Acting {
    Delivery delivery;
    Publisher& publisher;
    LiveVersion& live_version;
    Liveness& liveness;
  };
  Inspection(Store& store, Ledger& ledger, Performer& performer, Acting acting, Looking looking,
             const Settings& settings, const Clock& clock)
      : store_(store),
        ledger_(ledger),
        performer_(performer),
        delivery_(acting.delivery),
        publisher_(acting.publisher),
        live_version_(acting.live_version),
        liveness_(acting.liveness),
        looking_(looking),
        settings_(settings),
        clock_(clock) {}

  // Where records and the world say different things. Reads only.
  Result<std::vector<Drift>> drift(const Environment& environment);
  // Mends what is safe to mend, one after the other, each on what is stored then. What was mended.
  Result<std::vector<Drift>> mend(const Environment& environment, const std::string& by);

  // Newest first: what is on record, and what lies there on no record.
  Result<std::vector<ArtifactView>> artifacts(const Environment& environment, std::size_t limit);
  // One version, every byte of it read.
  Result<ArtifactView> artifact(const Environment& environment, const Version& version);

  // Brings back what was deleted, with an entry in the journal.
  Result<std::string> restore(const Environment& environment, const Version& version,
                              const std::string& by);
  // What a directory would be published as, beside what was recorded of the version.
  struct Publication {
    Digest digest;
    Digest recorded;  // empty: nobody recorded one
    bool is_verified_one() const { return !recorded.empty() && digest == recorded; }
  };
  Result<Publication> publication(const Environment& environment, const Version& version,
                                  const std::string& directory);
  struct PublishOrder {
    Environment environment;
    Version version;
    std::string directory;
    std::string by;
    std::string reason;
  };
  Result<Publication> publish(const PublishOrder& order);

  // Stops whatever deploys into the environment, with an entry in the journal.
  Result<std::string> stop_pipeline(const Environment& environment, const std::string& by,
                                    const std::string& reason);
  // People tick a box of the newest rollback here. not_found: there was none.
  Result<JournalEntry> tick(const Environment& environment, Box box, const std::string& by);
  // Those of a rollback, oldest first.
  Result<std::vector<JournalEntry>> ticks(const RollbackId& rollback);
  // Has a rollback's newest notice told once more, to every channel that wants such.
  Result<Notice> resend(const RollbackId& rollback, const std::string& by);
  // All of a checkup but what the diagnosis tells.
  Result<CheckupFacts> checkup(const Environment& environment, DiagnosisFacts diagnosis);

  // What Stepback itself did there since then, oldest first: its journal, as lines.
  Result<std::vector<LogLine>> own_lines(const LogQuery& query);

  Looking& ports() { return looking_; }

 private:
  Result<DriftFacts> look_for_drift(const Environment& environment);
  Result<ArtifactView> view_of(const Environment& environment, const Version& version,
                               const std::vector<Deployment>& history, bool thorough);
  struct Noted {
    std::string kind;
    std::string by;
    std::string text;
    std::vector<std::pair<std::string, std::string>> facts;
  };
  Result<> note(const Environment& environment, const Noted& noted);
  void look_at_artifacts(DriftFacts& facts);
  void look_at_sources(DriftFacts& facts);

  Store& store_;
  Ledger& ledger_;
  Performer& performer_;
  Delivery delivery_;
  Publisher& publisher_;
  LiveVersion& live_version_;
  Liveness& liveness_;
  Looking looking_;
  const Settings& settings_;
  const Clock& clock_;
};

}  // namespace stepback
