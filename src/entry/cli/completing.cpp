// SPDX-License-Identifier: Apache-2.0
#include "entry/cli/completing.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "entry/cli/help_topics.hpp"
#include "entry/cli/text.hpp"
#include "entry/cli/tree.hpp"

namespace stepback::cli {
namespace {

struct Candidate {
  std::string word;
  std::string about;
};

// What a shell would take for anything but a piece of a word is not offered: a version could be
// called $(rm -rf x).
bool is_safe(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:@%+,=").contains(c);
  });
}

std::vector<std::string> split(std::string_view text, char mark) {
  std::vector<std::string> parts;
  for (;;) {
    const auto end = text.find(mark);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

const CLI::Option* flag_of(const CLI::App& app, const std::string& word) {
  for (const auto* each = &app; each != nullptr; each = each->get_parent()) {
    for (const auto* option : each->get_options()) {
      if (option->nonpositional() && option->check_name(word)) return option;
    }
  }
  return nullptr;
}

class Completer {
 public:
  Completer(const CLI::App& app, const Knowing& knowing) : app_(&app), knowing_(knowing) {}

  std::string complete(std::vector<std::string> words) {
    const auto typed = words.empty() ? std::string() : words.back();
    if (!words.empty()) words.pop_back();
    for (const auto& word : words) pass(word);
    if (waiting_ != nullptr) {
      typed_ = typed == "=" ? "" : typed;
      offer_value(waiting_->get_type_name());
    } else if (const auto equals = typed.find('=');
               typed.starts_with("--") && equals != typed.npos) {
      offer_value_after(typed.substr(0, equals), typed.substr(equals + 1));
    } else if (typed.starts_with("-") && !only_words_) {
      typed_ = typed;
      offer_flags();
    } else {
      typed_ = typed;
      offer_words();
    }
    return lines();
  }

 private:
  // A word that is finished.
  void pass(const std::string& word) {
    if (word == "=") return;  // a shell that takes --flag=value apart
    if (waiting_ != nullptr) {
      if (waiting_->check_lname("config")) configuration_ = word;
      waiting_ = nullptr;
      return;
    }
    if (word == "--") {
      only_words_ = true;
    } else if (word.starts_with("-") && !only_words_) {
      pass_flag(word);
    } else if (const auto* below = command_called(word); below != nullptr && positionals_ == 0) {
      app_ = below;
    } else {
      ++positionals_;
    }
  }

  void pass_flag(const std::string& word) {
    const auto equals = word.find('=');
    const auto* option = flag_of(*app_, word.substr(0, equals));
    if (option == nullptr || !takes_value(*option)) return;
    if (equals == std::string::npos) {
      waiting_ = option;
    } else if (option->check_lname("config")) {
      configuration_ = word.substr(equals + 1);
    }
  }

  const CLI::App* command_called(const std::string& word) const {
    const auto below =
        app_->get_subcommands([&](const CLI::App* each) { return each->check_name(word); });
    return below.empty() ? nullptr : below.front();
  }

  void offer_flags() {
    for (const auto* each = app_; each != nullptr; each = each->get_parent()) {
      for (const auto* option : each->get_options()) {
        for (const auto& name : option->get_lnames()) offer("--" + name, option->get_description());
      }
    }
  }

  void offer_words() {
    if (positionals_ == 0) offer_commands();
    int before = positionals_;
    for (const auto* option : app_->get_options()) {
      if (option->nonpositional()) continue;
      before -= option->get_items_expected_max();
      if (before < 0) return offer_value(option->get_name());
    }
  }

  void offer_commands() {
    const auto path = app_->get_parent() == nullptr ? std::string() : path_of(*app_) + " ";
    for (const auto& entry : catalogue()) {
      if (!entry.path.starts_with(path)) continue;
      const auto name = entry.path.substr(path.size());
      if (name.find(' ') == std::string_view::npos) offer(std::string(name), entry.summary);
    }
  }

  void offer_value_after(const std::string& flag, const std::string& typed) {
    const auto* option = flag_of(*app_, flag);
    if (option == nullptr || !takes_value(*option)) return;
    before_ = flag + "=";
    typed_ = typed;
    offer_value(option->get_type_name());
  }

  // A choice names its values, with commas between them; all else is of a kind, or of two.
  void offer_value(const std::string& kind) {
    if (kind.contains(',')) return offer_all(split(kind, ','), "");
    for (const auto& each : split(kind, '|')) offer_kind(each);
  }

  void offer_kind(const std::string& kind) {
    if (kind == "ENV") return offer_all(known().environments, "environment");
    if (kind == "ID") return offer_all(known().ids, "record");
    if (kind == "VERSION") return offer_all(known().versions, "version");
    if (kind == "ALARM") return offer_all(known().alarms, "alarm");
    if (kind == "SHELL") return offer_all({"bash", "zsh", "fish"}, "shell");
    if (kind == "BOOL") return offer_all({"true", "false"}, "");
    if (kind == "FILE") shell_ = ":files";
    if (kind == "DIR") shell_ = ":directories";
    if (kind == "TOPIC") {
      offer_all(topic_names(), "topic");
      offer_all(command_names(), "command");
    }
  }

  const KnownNames& known() {
    if (!known_) known_ = knowing_(configuration_);
    return *known_;
  }

  void offer_all(const std::vector<std::string>& words, std::string_view about) {
    for (const auto& word : words) offer(word, about);
  }

  void offer(const std::string& word, std::string_view about) {
    if (!word.starts_with(typed_) || !is_safe(word) || !offered_.insert(word).second) return;
    candidates_.push_back({word, escaped(about)});
  }

  std::string lines() const {
    if (!shell_.empty()) return shell_ + "\n";
    std::string out;
    for (const auto& each : candidates_) out += before_ + each.word + "\t" + each.about + "\n";
    return out;
  }

  const CLI::App* app_;
  const Knowing& knowing_;
  const CLI::Option* waiting_ = nullptr;  // a flag whose value comes next
  int positionals_ = 0;
  bool only_words_ = false;
  std::string configuration_;
  std::string typed_;
  std::string before_;
  std::string shell_;
  std::optional<KnownNames> known_;
  std::set<std::string> offered_;
  std::vector<Candidate> candidates_;
};

constexpr std::string_view bash =
    R"(# Completion of stepback for bash. It asks the program, and knows nothing itself.
_stepback() {
  local typed=${COMP_WORDS[COMP_CWORD]} program=${COMP_WORDS[0]/#\~/$HOME} word
  COMPREPLY=()
  [[ $typed == = ]] && typed=
  while IFS=$'\t' read -r word _; do
    case $word in
      :files)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$typed")
        return
        ;;
      :directories)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "$typed")
        return
        ;;
      *) COMPREPLY+=("$word") ;;
    esac
  done < <("$program" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _stepback stepback
)";

constexpr std::string_view zsh = R"(#compdef stepback
# Completion of stepback for zsh. It asks the program, and knows nothing itself.
_stepback() {
  local line word
  local -a candidates
  for line in "${(@f)$("${(Q)words[1]}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    word=${line%%$'\t'*}
    case $word in
      '') ;;
      :files) _files; return ;;
      :directories) _files -/; return ;;
      *) candidates+=("${word//:/\\:}:${line#*$'\t'}") ;;
    esac
  done
  (( ${#candidates} )) && _describe -V stepback candidates
}
if [[ ${funcstack[1]} == _stepback ]]; then _stepback "$@"; else compdef _stepback stepback; fi
)";

constexpr std::string_view fish =
    R"(# Completion of stepback for fish. It asks the program, and knows nothing itself.
function __stepback_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    for line in ($words[1] __complete $words[2..-1] "$typed" 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$typed"
            case ':directories'
                __fish_complete_directories "$typed"
            case '*'
                echo $line
        end
    end
end
complete -c stepback -f -k -a '(__stepback_complete)'
)";

}  // namespace

std::string completions(const std::vector<std::string>& words, const Knowing& knowing) {
  Tree tree;
  build(tree);
  return Completer(tree.app, knowing).complete(words);
}

std::string_view completion_script(std::string_view shell) {
  if (shell == "bash") return bash;
  if (shell == "zsh") return zsh;
  if (shell == "fish") return fish;
  return {};
}

}  // namespace stepback::cli
