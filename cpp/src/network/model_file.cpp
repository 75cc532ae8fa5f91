// Written front to back. Read by a cursor over the bytes that are left of a section: it never hands
// out more than that, and whoever asks for a list compares its count with them first.
#include "facetry/network/model_file.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include "base/checksum.hpp"
#include "facetry/base/error.hpp"

namespace facetry {

namespace {

using Word = std::uint64_t;

constexpr std::string_view kMagic{"facetry model \n\0", 16};
constexpr Word kVersion = 1;
constexpr std::size_t kHead = kMagic.size() + 3 * sizeof(Word);
constexpr Index kMostInputs = Index{1} << 48;  // so that value numbers never overflow

// Part of the format: never renumbered.
enum class Tag : Word {
  inputs = 1,
  outputs,
  feature_names,
  output_names,
  operation_names,
  input_shape,
  decision,
  source,
  notes,
  affine,
  piecewise,
  maximum,
};

void require_little_endian() {
  if constexpr (std::endian::native != std::endian::little) {
    throw Error("model files are written and read on little-endian machines");
  }
}

class Writer {
 public:
  void word(Word value) { bytes(&value, sizeof value); }
  void number(double value) { word(std::bit_cast<Word>(value)); }
  void text(std::string_view text) {
    word(text.size());
    bytes(text.data(), text.size());
  }
  template <class T>
  void list(const std::vector<T>& values) {
    static_assert(sizeof(T) == sizeof(Word));
    word(values.size());
    bytes(values.data(), values.size() * sizeof(T));
  }
  void texts(const std::vector<std::string>& values) {
    word(values.size());
    for (const std::string& value : values) text(value);
  }
  // `fill` writes the section's content.
  template <class Fill>
  void section(Tag tag, Fill&& fill) {
    word(static_cast<Word>(tag));
    const std::size_t at = out_.size();
    word(0);
    fill();
    const Word size = out_.size() - at - sizeof(Word);
    std::memcpy(out_.data() + at, &size, sizeof size);
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void bytes(const void* data, std::size_t size) {
    if (size > 0) out_.append(static_cast<const char*>(data), size);
  }

  std::string out_;
};

// Throws a FileFormatError without the file's name, which parse_model() adds.
class Reader {
 public:
  explicit Reader(std::string_view left) : left_(left) {}

  [[nodiscard]] bool done() const { return left_.empty(); }
  [[nodiscard]] std::string_view take(Word size) {
    if (size > left_.size())
      throw FileFormatError("a part is longer than what is left of the file");
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }
  [[nodiscard]] Word word() {
    Word value = 0;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  [[nodiscard]] Index index() { return static_cast<Index>(word()); }
  [[nodiscard]] double number() { return std::bit_cast<double>(word()); }
  [[nodiscard]] std::string text() { return std::string(take(word())); }
  template <class T>
  [[nodiscard]] std::vector<T> list() {
    static_assert(sizeof(T) == sizeof(Word));
    const Word count = count_of();
    std::vector<T> values(count);
    const std::string_view taken = take(count * sizeof(T));
    if (count > 0) std::memcpy(values.data(), taken.data(), taken.size());
    return values;
  }
  [[nodiscard]] std::vector<std::string> texts() {
    std::vector<std::string> values;
    for (Word left = count_of(); left > 0; --left) values.push_back(text());
    return values;
  }
  // How many elements follow, of 8 bytes each at least.
  [[nodiscard]] Word count_of() {
    const Word count = word();
    if (count > left_.size() / sizeof(Word)) {
      throw FileFormatError("a list is longer than what is left of the file");
    }
    return count;
  }

 private:
  std::string_view left_;
};

struct WriteOperation {
  Writer& out;

  void operator()(const AffineOperation& operation) const {
    out.section(Tag::affine, [&] {
      out.list(operation.rows.offsets);
      out.list(operation.rows.columns);
      out.list(operation.rows.weights);
      out.list(operation.bias);
    });
  }
  void operator()(const PiecewiseOperation& operation) const {
    out.section(Tag::piecewise, [&] {
      out.list(operation.arguments);
      out.list(operation.which);
      out.word(operation.functions.size());
      for (const PiecewiseFunction& function : operation.functions) {
        out.list(function.breakpoints());
        out.list(function.slopes());
        out.list(function.intercepts());
      }
    });
  }
  void operator()(const MaximumOperation& operation) const {
    out.section(Tag::maximum, [&] {
      out.list(operation.offsets);
      out.list(operation.arguments);
    });
  }
};

AffineOperation read_affine(Reader& in) {
  AffineOperation operation;
  operation.rows.offsets = in.list<Index>();
  operation.rows.columns = in.list<Index>();
  operation.rows.weights = in.list<double>();
  operation.bias = in.list<double>();
  return operation;
}

PiecewiseOperation read_piecewise(Reader& in) {
  PiecewiseOperation operation;
  operation.arguments = in.list<Index>();
  operation.which = in.list<Index>();
  for (Word left = in.count_of(); left > 0; --left) {
    std::vector<double> breakpoints = in.list<double>();
    std::vector<double> slopes = in.list<double>();
    std::vector<double> intercepts = in.list<double>();
    operation.functions.emplace_back(std::move(breakpoints), std::move(slopes),
                                     std::move(intercepts));
  }
  return operation;
}

MaximumOperation read_maximum(Reader& in) {
  MaximumOperation operation;
  operation.offsets = in.list<Index>();
  operation.arguments = in.list<Index>();
  return operation;
}

ModelDecision decision_numbered(Word number) {
  if (number > static_cast<Word>(ModelDecision::threshold))
    throw FileFormatError("an unknown decision");
  return static_cast<ModelDecision>(number);
}

void read_section(Tag tag, Reader& in, StoredModel& model) {
  switch (tag) {
    case Tag::outputs: model.outputs = in.list<Index>(); return;
    case Tag::feature_names: model.feature_names = in.texts(); return;
    case Tag::output_names: model.output_names = in.texts(); return;
    case Tag::operation_names: model.operation_names = in.texts(); return;
    case Tag::input_shape: model.input_shape = in.list<Index>(); return;
    case Tag::decision:
      model.decision = decision_numbered(in.word());
      model.threshold = in.number();
      return;
    case Tag::source: model.source = in.text(); return;
    case Tag::notes: model.notes = in.text(); return;
    case Tag::affine: model.graph.add(read_affine(in)); return;
    case Tag::piecewise: model.graph.add(read_piecewise(in)); return;
    case Tag::maximum: model.graph.add(read_maximum(in)); return;
    case Tag::inputs: break;  // stands first, and only there
  }
  throw FileFormatError("an unknown section, or one out of place");
}

// Which sections there were: every one once, but operations, of which there may be any number.
class Sections {
 public:
  void note(Tag tag) {
    if (tag > Tag::notes) return;  // an operation, or unknown
    const Word bit = Word{1} << static_cast<Word>(tag);
    if ((seen_ & bit) != 0) throw FileFormatError("a section stands twice");
    seen_ |= bit;
  }
  void require_all() const {
    const Word all = (Word{2} << static_cast<Word>(Tag::notes)) - 2;
    if ((seen_ & all) != all) throw FileFormatError("a section is missing");
  }

 private:
  Word seen_ = 0;
};

StoredModel read_body(Reader body) {
  std::optional<StoredModel> model;
  Sections sections;
  while (!body.done()) {
    const Tag tag = static_cast<Tag>(body.word());
    sections.note(tag);
    Reader section(body.take(body.word()));
    if (!model) {
      if (tag != Tag::inputs) throw FileFormatError("the number of inputs is missing");
      const Index inputs = section.index();
      if (inputs > kMostInputs) throw FileFormatError("too many inputs");
      model =
          StoredModel{NeuralGraph(inputs), {}, {}, {}, {}, {}, ModelDecision::none, 0.0, {}, {}};
    } else {
      read_section(tag, section, *model);
    }
    if (!section.done()) throw FileFormatError("a section is longer than its content");
  }
  sections.require_all();
  model->validate();
  return std::move(*model);
}

// The body, after everything that the head says about it holds.
std::string_view checked_body(std::string_view bytes) {
  Reader head(bytes.substr(0, kHead));
  if (bytes.substr(0, kMagic.size()) != kMagic)
    throw FileFormatError("not a model file of facetry");
  if (bytes.size() < kHead) throw FileFormatError("damaged: it is cut off");
  (void)head.take(kMagic.size());
  const Word version = head.word();
  if (version != kVersion) {
    throw FileFormatError("version " + std::to_string(version) +
                          " of the format, or damaged; version " + std::to_string(kVersion) +
                          " can be read");
  }
  const Word size = head.word();
  const Word sum = head.word();
  const std::string_view body = bytes.substr(kHead);
  if (body.size() < size) throw FileFormatError("damaged: it is cut off");
  if (body.size() > size) throw FileFormatError("damaged: it goes on behind its end");
  if (checksum(body.data(), body.size()) != sum)
    throw FileFormatError("damaged: its checksum differs");
  return body;
}

// The length of the UTF-8 sequence that starts the text; 0 if none does (RFC 3629).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first < 0xc2   ? 0
                             : first < 0xe0 ? 2
                             : first < 0xf0 ? 3
                             : first < 0xf5 ? 4
                                            : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Longer than need be, surrogates, and beyond the last character.
  if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) >= 0xa0)) return 0;
  if ((first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) >= 0x90)) return 0;
  return length;
}

void require_utf8(std::string_view text, const char* what) {
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) throw InvalidInput(std::string(what) + " must be UTF-8");
    text.remove_prefix(length);
  }
}

void require_names(const std::vector<std::string>& names, Index count, const char* what) {
  if (!names.empty() && size_of(names) != count) {
    throw InvalidInput(std::string(what) + ": there must be " + std::to_string(count) +
                       ", or none");
  }
  for (const std::string& name : names) require_utf8(name, what);
}

// Does the product of the numbers, none below 1, come to `count`?
bool multiplies_to(const std::vector<Index>& numbers, Index count) {
  for (const Index number : numbers) {
    if (number < 1 || count % number != 0) return false;
    count /= number;
  }
  return count == 1;
}

}  // namespace

void StoredModel::validate() const {
  if (graph.input_size() > kMostInputs) throw InvalidInput("too many inputs");
  if (outputs.empty()) throw InvalidInput("a model needs an output");
  graph.check_values(outputs);
  // No list of names without elements, so that a file has at least 8 bytes for each input.
  if (feature_names.empty()) throw InvalidInput("every input needs a name; it may be empty");
  require_names(feature_names, graph.input_size(), "names of features");
  require_names(output_names, size_of(outputs), "names of outputs");
  require_names(operation_names, size_of(graph.operations()), "names of operations");
  if (!input_shape.empty() && !multiplies_to(input_shape, graph.input_size())) {
    throw InvalidInput("the shape of the input must have as many elements as there are inputs");
  }
  if (!std::isfinite(threshold)) throw InvalidInput("the threshold must be finite");
  if (decision == ModelDecision::threshold && outputs.size() != 1) {
    throw InvalidInput("a decision by a threshold needs one output");
  }
  require_utf8(source, "the source");
  require_utf8(notes, "the notes");
}

std::string model_file_bytes(const StoredModel& model) {
  require_little_endian();
  model.validate();
  Writer body;
  body.section(Tag::inputs, [&] { body.word(static_cast<Word>(model.graph.input_size())); });
  for (const Operation& operation : model.graph.operations())
    std::visit(WriteOperation{body}, operation);
  body.section(Tag::outputs, [&] { body.list(model.outputs); });
  body.section(Tag::feature_names, [&] { body.texts(model.feature_names); });
  body.section(Tag::output_names, [&] { body.texts(model.output_names); });
  body.section(Tag::operation_names, [&] { body.texts(model.operation_names); });
  body.section(Tag::input_shape, [&] { body.list(model.input_shape); });
  body.section(Tag::decision, [&] {
    body.word(static_cast<Word>(model.decision));
    body.number(model.threshold);
  });
  body.section(Tag::source, [&] { body.text(model.source); });
  body.section(Tag::notes, [&] { body.text(model.notes); });
  const std::string content = body.take();
  Writer head;
  head.word(kVersion);
  head.word(content.size());
  head.word(checksum(content.data(), content.size()));
  return std::string(kMagic) + head.take() + content;
}

StoredModel parse_model(std::string_view bytes, const std::string& name) {
  require_little_endian();
  try {
    return read_body(Reader(checked_body(bytes)));
  } catch (const FileFormatError& error) {
    throw FileFormatError(name + ": " + error.what());
  } catch (const InvalidInput& error) {  // what the graph or validate() does not take
    throw FileFormatError(name + ": " + error.what());
  }
}

StoredModel read_model(const std::string& path) {
  const auto unreadable = [&] {
    return FileFormatError(path + ": there is no such file, or it cannot be read");
  };
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) throw unreadable();
  const auto size = std::filesystem::file_size(path, failed);
  std::ifstream file(path, std::ios::binary);
  if (failed || !file) throw unreadable();
  // What is no model file is not read whole.
  std::string bytes(std::min<std::uintmax_t>(size, kMagic.size()), '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file && bytes == kMagic) {
    bytes.resize(size);
    file.read(bytes.data() + kMagic.size(), static_cast<std::streamsize>(size - kMagic.size()));
  }
  if (!file) throw unreadable();
  return parse_model(bytes, path);
}

}  // namespace facetry
