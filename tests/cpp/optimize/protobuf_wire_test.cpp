// Messages on the wire: the bytes of the format, what is written is read, damage is told.
#include "optimize/protobuf_wire.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "facetry/base/error.hpp"
#include "random.hpp"

using namespace facetry;
using namespace facetry::wire;
using facetry::testing::Random;

namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string result;
  for (const int value : values) result.push_back(static_cast<char>(value));
  return result;
}

}  // namespace

TEST_CASE("The bytes are those of the format") {
  Writer writer;
  writer.field_varint(1, 150);  // the example of the format's description
  CHECK(writer.bytes() == bytes({0x08, 0x96, 0x01}));
  writer.field_bytes(2, "testing");
  CHECK(writer.bytes() == bytes({0x08, 0x96, 0x01, 0x12, 0x07}) + "testing");
  Writer numbers;
  numbers.field_number(3, 1.0);
  CHECK(numbers.bytes() == bytes({0x19, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f}));
  Writer far;
  far.field_varint(16, 0);  // a tag of two bytes
  CHECK(far.bytes() == bytes({0x80, 0x01, 0x00}));
  Writer most;
  most.varint(std::numeric_limits<std::uint64_t>::max());
  CHECK(most.bytes() == bytes({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}));
}

TEST_CASE("What is written is read again, field by field") {
  Random random(431);
  for (int round = 0; round < 200; ++round) {
    Writer writer;
    std::vector<Field> expected;
    std::vector<std::string> texts(10);
    for (std::string& text : texts) {
      Field field;
      field.number = static_cast<int>(random.between(1, 3000));
      const Index kind = random.below(3);
      if (kind == 0) {
        field.varint = std::uint64_t{1} << random.below(64);
        field.varint -= random.chance(0.5) ? 1 : 0;
        writer.field_varint(field.number, field.varint);
      } else if (kind == 1) {
        const double value =
            random.chance(0.2) ? -std::numeric_limits<double>::infinity() : random.normal();
        field.varint = std::bit_cast<std::uint64_t>(value);
        writer.field_number(field.number, value);
      } else {
        for (Index i = random.below(300); i > 0; --i) {
          text.push_back(static_cast<char>(random.below(256)));
        }
        field.content = text;
        writer.field_bytes(field.number, text);
      }
      expected.push_back(field);
    }
    Reader reader(writer.bytes());
    for (const Field& field : expected) {
      const std::optional<Field> read = reader.next();
      REQUIRE(read);
      REQUIRE(read->number == field.number);
      REQUIRE(read->varint == field.varint);
      REQUIRE(read->content == field.content);
      REQUIRE(std::bit_cast<std::uint64_t>(read->as_double()) == field.varint);
    }
    CHECK(reader.at_end());
    CHECK_FALSE(reader.next());
  }
}

TEST_CASE("Packed numbers and numbers of four bytes") {
  Writer writer;
  writer.varint(300);
  writer.number(-0.1);
  Reader reader(writer.bytes());
  CHECK(reader.varint() == 300);
  CHECK(reader.number() == -0.1);
  CHECK(reader.at_end());
  const std::string fixed = bytes({0x0d, 0x01, 0x02, 0x00, 0x80});
  Reader other(fixed);
  const std::optional<Field> field = other.next();
  REQUIRE(field);
  CHECK(field->number == 1);
  CHECK(field->varint == 0x80000201u);
}

TEST_CASE("Bytes that end too early, endless numbers and unknown types are errors") {
  Writer writer;
  writer.field_varint(1, 1u << 20);
  writer.field_number(2, 0.5);
  writer.field_bytes(3, "text");
  const std::string whole = writer.bytes();
  int damaged = 0;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    Reader reader(std::string_view(whole).substr(0, length));
    try {
      while (reader.next()) {
      }
      CHECK((length == 0 || length == 4 || length == 13));  // between two fields
    } catch (const SolverError&) {
      ++damaged;
    }
  }
  CHECK(damaged == static_cast<int>(whole.size()) - 3);
  const std::string endless(11, static_cast<char>(0x80));
  CHECK_THROWS_AS((void)Reader(endless).varint(), SolverError);
  const std::string group = bytes({0x0b, 0x00});
  CHECK_THROWS_AS((void)Reader(group).next(), SolverError);
  const std::string huge =
      bytes({0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01});
  CHECK_THROWS_AS((void)Reader(huge).next(), SolverError);
}
