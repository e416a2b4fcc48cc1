// SPDX-License-Identifier: Apache-2.0
#include "adapters/aws/pointer_object.hpp"

#include <fmt/core.h>

#include <charconv>

#include "wire/pattern.hpp"

namespace stepback::aws {
namespace {

constexpr int most_tries = 5;
constexpr std::size_t longest_pointer = 64 * 1024;

std::string text_in(const ObjectFacts& facts, const std::string& name) {
  const auto found = facts.metadata.find(name);
  return found == facts.metadata.end() ? std::string() : found->second;
}

// A number that makes no sense must not look like an old one: nobody may write over it.
Result<std::uint64_t> number_in(const ObjectFacts& facts, const std::string& name) {
  const auto text = text_in(facts, name);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || (error == std::errc() && end == text.data() + text.size())) return number;
  return fail(Code::corrupt, fmt::format("its {} is \"{}\"", name, one_line(text, 80)));
}

std::string_view first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

Version version_of(std::string_view text) {
  const auto version = parse_version(text);
  return version ? *version : Version{};
}

Result<PointerObject> read_facts(const ObjectFacts& facts, const std::string& version_metadata) {
  PointerObject pointer{.etag = facts.etag,
                        .version = version_of(text_in(facts, version_metadata)),
                        .digest = {text_in(facts, "digest")},
                        .switching = text_in(facts, "switching")};
  pointer.operation = TRY(number_in(facts, "operation"));
  pointer.switched = TRY(number_in(facts, "switched"));
  pointer.settled = TRY(number_in(facts, "settled"));
  return pointer;
}

}  // namespace

bool PointerObject::says_the_same(const PointerObject& other) const {
  return version == other.version && digest == other.digest && operation == other.operation &&
         switched == other.switched && settled == other.settled && switching == other.switching;
}

Result<PointerObject> PointerStore::read() const {
  const auto deed = "the pointer " + name_.key;
  const auto facts = s3_.head(name_);
  if (!facts && facts.error().code == Code::not_found) return PointerObject{};
  if (!facts) return fail(to_error(facts.error()).during(deed));
  auto pointer = read_facts(*facts, version_metadata_);
  if (!pointer) return fail(pointer.error().during(deed));
  if (!pointer->version.empty() || pointer->operation != 0) return pointer;
  // `aws s3 sync` loses metadata; then its text is what is left.
  const auto object = s3_.get(name_, longest_pointer);
  if (!object) return fail(to_error(object.error()).during(deed));
  pointer->version = version_of(first_line(object->bytes));
  pointer->etag = object->facts.etag;
  return pointer;
}

Result<PointerObject> PointerStore::update(PointerObject seen, const Change& change) const {
  Error last;
  for (int tries = 0; tries < most_tries; ++tries) {
    auto wanted = TRY(change(seen));
    if (!seen.etag.empty() && wanted.says_the_same(seen)) return seen;
    const auto written = write(wanted, seen.etag);
    if (written) {
      wanted.etag = written->etag;
      return wanted;
    }
    last = to_error(written.error());
    const bool was_lost = last.code == Code::conflict || last.code == Code::not_found;
    if (!was_lost && !is_retriable(last.code)) break;
    seen = TRY(read());
    if (!seen.etag.empty() && wanted.says_the_same(seen)) return seen;
  }
  return fail(last.during("writing the pointer " + name_.key));
}

Answer<ObjectFacts> PointerStore::write(const PointerObject& wanted,
                                        const std::string& etag) const {
  // An ETag knows nothing of metadata: two texts that were the same would let a writer through that
  // had not seen what was raised meanwhile. So every fact is in the text, too.
  Put put{.bytes = fmt::format("{}\noperation {}, switched {}, settled {}, switching \"{}\", {}\n",
                               wanted.version.text, wanted.operation, wanted.switched,
                               wanted.settled, wanted.switching, wanted.digest.hex),
          .type = "text/plain"};
  put.condition = {.etag = etag, .absent = etag.empty()};
  const auto add = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) put.metadata[name] = value;
  };
  add(version_metadata_, wanted.version.text);
  add("digest", wanted.digest.hex);
  add("operation", std::to_string(wanted.operation));
  add("switched", std::to_string(wanted.switched));
  add("settled", std::to_string(wanted.settled));
  add("switching", wanted.switching);
  return s3_.put(name_, put);
}

}  // namespace stepback::aws
