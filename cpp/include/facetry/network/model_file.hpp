// A model in one file: its neural graph and what names and reads its outputs, for programs without
// Python.
//
// The format, little endian: 16 bytes "facetry model \n" and a zero; then three numbers of 8 bytes,
// the version of the format (1), the number of bytes of the body, and the checksum of the body
// (base/checksum.hpp). The body is a row of sections, each a tag and its number of bytes (8 bytes
// each) and so many bytes.
//
// Guarantees:
//   1. Numbers and texts come back bit for bit; the same model gives the same bytes.
//   2. A file that is cut off, longer than it says, changed or foreign is a FileFormatError, and
//      nothing else. (A change is told by the checksum: within one word of 8 bytes always,
//      otherwise almost surely.)
//   3. Whatever the bytes are, also with a fitting checksum: every count is compared with what is
//      left of the file before memory is taken for it, so reading takes at most a few times the
//      file's size; what is read fits together as below, and texts are UTF-8.
// Cost: linear in the size of the file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "facetry/network/neural_graph.hpp"

namespace facetry {

// How outputs become a choice: the highest or the lowest of them, or 1 where the one output is
// above a threshold, else 0; or none.
enum class ModelDecision { none, highest, lowest, threshold };

struct StoredModel {
  NeuralGraph graph;
  std::vector<Index> outputs;  // value numbers of the graph
  // All texts are UTF-8.
  std::vector<std::string> feature_names;    // one for each input; may be empty texts
  std::vector<std::string> output_names;     // one for each output, or none at all
  std::vector<std::string> operation_names;  // one for each operation of the graph, or none at all
  std::vector<Index>
      input_shape;  // of one sample: empty, or with as many elements as there are inputs
  ModelDecision decision = ModelDecision::none;
  double threshold = 0.0;
  std::string source;  // where the model came from, for people
  std::string notes;   // kept as they are: what the writer adds for itself

  // Throws InvalidInput that says what does not fit together, or which text is not UTF-8.
  void validate() const;
};

// The content of the file. Throws what validate() throws.
[[nodiscard]] std::string model_file_bytes(const StoredModel& model);

// `name` stands in messages: the file's. Throws FileFormatError.
[[nodiscard]] StoredModel parse_model(std::string_view bytes, const std::string& name);

// Throws FileFormatError, also if there is no such file.
[[nodiscard]] StoredModel read_model(const std::string& path);

}  // namespace facetry
