#include "facetry/network/model_file.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/checksum.hpp"
#include "facetry/base/error.hpp"
#include "networks.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

constexpr std::size_t kHead = 40;  // magic, version, size, checksum

// All operations and functions, numbers with every bit in use, and texts that are not ASCII.
StoredModel sample(Random& random) {
  StoredModel model{NeuralGraph(3),
                    {},
                    {"a", "", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x8c\x8d"},
                    {},
                    {},
                    {},
                    ModelDecision::none,
                    0.0,
                    "where it came from",
                    std::string("{\"x\": 1}\0y", 10)};
  Ids values = range(0, 3);
  for (const Kind kind : kKinds) {
    values = dense(model.graph, values, random_weights(random, 4, size_of(values), false),
                   random_bias(random, 4, false));
    values = kind == Kind::maximum ? maximum(model.graph, values, 2)
                                   : apply(model.graph, values, function_of(kind));
  }
  model.graph.add(AffineOperation{{}, {}});  // of no rows
  model.graph.add(PiecewiseOperation{
      {0, 1}, {PiecewiseFunction::relu(), PiecewiseFunction::absolute()}, {1, 0}});
  model.outputs = {values[1], values[0], 0};
  model.output_names = {"no", "yes", "input"};
  for (std::size_t i = 0; i < model.graph.operations().size(); ++i) {
    model.operation_names.push_back("layer " + std::to_string(i));
  }
  model.input_shape = {1, 3};
  model.decision = ModelDecision::lowest;
  model.threshold = -0.0;
  return model;
}

StoredModel smallest() {
  StoredModel model{NeuralGraph(1), {}, {"x"}, {}, {}, {}, ModelDecision::threshold, 0.1, {}, {}};
  Ids values = dense(model.graph, {0}, Matrix::Constant(2, 1, 0.1), Vector::Constant(2, -0.3));
  values = apply(model.graph, values, PiecewiseFunction::relu());
  model.outputs = maximum(model.graph, values, 2);
  return model;
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), 8 * a.size()) == 0);
}

struct SameOperation {
  const Operation& other;

  bool operator()(const AffineOperation& a) const {
    const auto& b = std::get<AffineOperation>(other);
    return a.rows.offsets == b.rows.offsets && a.rows.columns == b.rows.columns &&
           same_bits(a.rows.weights, b.rows.weights) && same_bits(a.bias, b.bias);
  }
  bool operator()(const PiecewiseOperation& a) const {
    const auto& b = std::get<PiecewiseOperation>(other);
    return a.arguments == b.arguments && a.which == b.which && a.functions == b.functions;
  }
  bool operator()(const MaximumOperation& a) const {
    const auto& b = std::get<MaximumOperation>(other);
    return a.offsets == b.offsets && a.arguments == b.arguments;
  }
};

void check_same(const StoredModel& a, const StoredModel& b) {
  REQUIRE(a.graph.operations().size() == b.graph.operations().size());
  CHECK(a.graph.input_size() == b.graph.input_size());
  for (std::size_t i = 0; i < a.graph.operations().size(); ++i) {
    REQUIRE(a.graph.operations()[i].index() == b.graph.operations()[i].index());
    CHECK(std::visit(SameOperation{b.graph.operations()[i]}, a.graph.operations()[i]));
  }
  CHECK(a.outputs == b.outputs);
  CHECK(a.feature_names == b.feature_names);
  CHECK(a.output_names == b.output_names);
  CHECK(a.operation_names == b.operation_names);
  CHECK(a.input_shape == b.input_shape);
  CHECK(a.decision == b.decision);
  CHECK(std::bit_cast<std::uint64_t>(a.threshold) == std::bit_cast<std::uint64_t>(b.threshold));
  CHECK(a.source == b.source);
  CHECK(a.notes == b.notes);
}

// Size and checksum as they should be for the body.
std::string with_fitting_head(std::string bytes) {
  const std::uint64_t size = bytes.size() - kHead;
  const std::uint64_t sum = checksum(bytes.data() + kHead, size);
  std::memcpy(bytes.data() + 24, &size, sizeof size);
  std::memcpy(bytes.data() + 32, &sum, sizeof sum);
  return bytes;
}

// Reads bytes that a checksum vouches for: a model whose numbers fit, or a FileFormatError.
bool reads(const std::string& bytes) {
  try {
    parse_model(bytes, "file").validate();
    return true;
  } catch (const FileFormatError&) {
    return false;
  }
}

std::string message_of(const std::string& bytes) {
  try {
    (void)parse_model(bytes, "dir/name");
  } catch (const FileFormatError& error) {
    return error.what();
  }
  return {};
}

struct TemporaryFile {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() /
      ("facetry_model_" + std::to_string(reinterpret_cast<std::uintptr_t>(this)));
  ~TemporaryFile() { std::filesystem::remove(path); }
  void write(const std::string& bytes) const { std::ofstream(path, std::ios::binary) << bytes; }
};

}  // namespace

TEST_CASE("1: a model comes back bit for bit, and gives the same bytes again") {
  Random random(7);
  for (int round = 0; round < 5; ++round) {
    const StoredModel model = sample(random);
    const std::string bytes = model_file_bytes(model);
    const StoredModel again = parse_model(bytes, "file");
    check_same(model, again);
    CHECK(model_file_bytes(again) == bytes);
  }
  check_same(smallest(), parse_model(model_file_bytes(smallest()), "file"));
}

TEST_CASE("The format never changes without its version") {
  const std::string bytes = model_file_bytes(smallest());
  CHECK(bytes.substr(0, 16) == std::string("facetry model \n\0", 16));
  CHECK(bytes[16] == 1);
  CHECK(bytes.size() == 601);
  CHECK(checksum(bytes.data(), bytes.size()) == 8459265412046047788u);
}

TEST_CASE("2: every truncation, every changed bit and any addition is told") {
  const std::string bytes = model_file_bytes(smallest());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_THROWS_AS((void)parse_model(bytes.substr(0, size), "file"), FileFormatError);
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      CHECK_THROWS_AS((void)parse_model(changed, "file"), FileFormatError);
    }
  }
  CHECK_THROWS_AS((void)parse_model(bytes + '\0', "file"), FileFormatError);
}

TEST_CASE(
    "3: whatever a fitting checksum vouches for is read or refused, and counts take no memory") {
  Random random(11);
  const std::string bytes = model_file_bytes(sample(random));
  int refused = 0;
  for (std::size_t at = kHead; at + 8 <= bytes.size(); at += 8) {
    for (const std::uint64_t value :
         {std::uint64_t{0}, std::uint64_t{1} << 20, std::uint64_t{1} << 40, std::uint64_t{1} << 61,
          ~std::uint64_t{0}, ~std::uint64_t{0} >> 1}) {
      std::string changed = bytes;
      std::memcpy(changed.data() + at, &value, sizeof value);
      refused += reads(with_fitting_head(changed)) ? 0 : 1;
    }
  }
  CHECK(refused > 100);
  for (std::size_t size = kHead; size < bytes.size(); ++size) {
    CHECK_FALSE(reads(with_fitting_head(bytes.substr(0, size))));
  }
  for (int round = 0; round < 2000; ++round) {
    std::string changed = bytes;
    for (Index changes = random.between(1, 4); changes > 0; --changes) {
      changed[static_cast<std::size_t>(random.between(kHead, size_of(bytes) - 1))] =
          static_cast<char>(random.between(0, 255));
    }
    (void)reads(with_fitting_head(changed));
  }
}

TEST_CASE("3: texts that are not UTF-8 are refused") {
  for (const std::string text :
       {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x80\x80\x80",
        "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "a\xff"}) {
    StoredModel model = smallest();
    model.notes = text;
    CHECK_THROWS_AS((void)model_file_bytes(model), InvalidInput);
    model.notes = std::string(text.size(), 'x');
    std::string bytes = model_file_bytes(model);
    bytes.replace(bytes.size() - text.size(), text.size(), text);
    CHECK_FALSE(reads(with_fitting_head(bytes)));
  }
}

TEST_CASE("A model that does not fit together is not written") {
  const auto refused = [](auto&& change) {
    StoredModel model = smallest();
    change(model);
    CHECK_THROWS_AS((void)model_file_bytes(model), InvalidInput);
  };
  refused([](StoredModel& m) { m.outputs = {}; });
  refused([](StoredModel& m) { m.outputs = {99}; });
  refused([](StoredModel& m) { m.outputs = {0, 1}; });  // a threshold is for one output
  refused([](StoredModel& m) { m.feature_names = {}; });
  refused([](StoredModel& m) { m.feature_names = {"x", "y"}; });
  refused([](StoredModel& m) { m.output_names = {"x", "y"}; });
  refused([](StoredModel& m) { m.operation_names = {"x"}; });
  refused([](StoredModel& m) { m.input_shape = {2}; });
  refused([](StoredModel& m) { m.input_shape = {-1, -1}; });
  refused([](StoredModel& m) { m.threshold = std::numeric_limits<double>::infinity(); });
}

TEST_CASE("Files are read from disk, and messages name them") {
  const TemporaryFile file;
  file.write(model_file_bytes(smallest()));
  check_same(smallest(), read_model(file.path.string()));
  file.write("something else, and longer than the head of a model file is");
  CHECK_THROWS_AS((void)read_model(file.path.string()), FileFormatError);
  file.write("");
  CHECK_THROWS_AS((void)read_model(file.path.string()), FileFormatError);
  CHECK_THROWS_AS((void)read_model(file.path.string() + ".none"), FileFormatError);
  CHECK_THROWS_AS((void)read_model(file.path.parent_path().string()), FileFormatError);
  CHECK(message_of("x") == "dir/name: not a model file of facetry");
  std::string newer = model_file_bytes(smallest());
  newer[16] = 2;
  CHECK(message_of(newer).find("version 2") != std::string::npos);
}
