// Programs as data, as bytes and as text. Their solutions: tests/python/test_milp_program.py.
#include "facetry/optimize/mixed_integer_program.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "facetry/base/error.hpp"
#include "facetry/optimize/ortools_library.hpp"
#include "optimize/math_opt_messages.hpp"
#include "optimize/protobuf_wire.hpp"
#include "random.hpp"

using namespace facetry;
using namespace facetry::testing;

namespace {

MixedIntegerProgram toy() {
  MixedIntegerProgram program;
  program.name = "toy";
  const Index x = program.add_variable(-1.0, 2.5, "x");
  const Index y = program.add_binary("y");
  const Index z = program.add_variable(-kNoBound, kNoBound);
  program.add_row({{y, 2.0}, {x, 1.0}}, -kNoBound, 3.0, "c");
  program.add_row({{z, -1.0}, {x, 0.25}, {y, 0.0}, {x, 0.25}}, -1.0, kNoBound);
  program.set_objective({{x, 1.0}, {y, -1.0}}, 4.0, true);
  return program;
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

}  // namespace

TEST_CASE("Terms are sorted, added up, and dropped where they are zero") {
  const MixedIntegerProgram program = toy();
  CHECK(program.rows[0].terms == std::vector<LinearTerm>{{0, 1.0}, {1, 2.0}});
  CHECK(program.rows[1].terms == std::vector<LinearTerm>{{0, 0.5}, {2, -1.0}});
  CHECK_NOTHROW(program.validate());
}

TEST_CASE("The bytes of a model as OR-Tools 9.15 wrote them") {
  CHECK(model_bytes(toy()) ==
        from_hex(
            "0a03746f7912460a030001021218000000000000f0bf0000000000000000000000000000f0ff1a18"
            "0000000000000440000000000000f03f000000000000f07f22030001002a01782a01792a00"
            "1a2308011100000000000010401a160a0200011210000000000000f03f000000000000f0bf"
            "222d0a0200011210000000000000f0ff000000000000f0bf1a100000000000000840000000000000f07f"
            "22016322002a2e0a04000001011204000100021a20000000000000f03f0000000000000040"
            "000000000000e03f000000000000f0bf"));
}

TEST_CASE("Programs as text") {
  CHECK(mps_text(toy()) ==
        "NAME toy\nOBJSENSE\n    MAX\nROWS\n N COST\n L c\n G r1\nCOLUMNS\n x COST 1\n x c 1\n x "
        "r1 0.5\n"
        " MARKER 'MARKER' 'INTORG'\n y COST -1\n y c 2\n MARKER 'MARKER' 'INTEND'\n v2 r1 -1\n"
        "RHS\n SIDE COST -4\n SIDE c 3\n SIDE r1 -1\nBOUNDS\n LO LIMIT x -1\n UP LIMIT x 2.5\n"
        " BV LIMIT y\n FR LIMIT v2\nENDATA\n");
  CHECK(lp_text(toy()) ==
        "Maximize\n cost: + 1 x - 1 y + 4\nSubject To\n c:  + 1 x + 2 y <= 3\n r1:  + 0.5 x - 1 v2 "
        ">= -1\n"
        "Bounds\n -1 <= x <= 2.5\n 0 <= y <= 1\n v2 free\nGenerals\n y\nEnd\n");
}

TEST_CASE("Names are made to fit, and none is given twice") {
  MixedIntegerProgram program;
  for (const char* name : {"a b", "a_b", "e1", "2x", "free", "", "v5",
                           "Stra\xc3\x9f"
                           "e"}) {
    program.add_variable(0.0, 1.0, name);
  }
  const std::string text = lp_text(program);
  for (const char* bound : {"<= a_b <=", "<= a_b_1 <=", "<= _e1 <=", "<= _2x <=", "<= _free <=",
                            "<= v5 <=", "<= v5_6 <=", "<= Stra__e <="}) {
    CAPTURE(bound);
    CHECK(text.find(bound) != std::string::npos);
  }
}

TEST_CASE("validate() says what is wrong") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto broken = [](auto&& change) {
    MixedIntegerProgram program = toy();
    change(program);
    CHECK_THROWS_AS(program.validate(), InvalidInput);
  };
  broken([&](auto& p) { p.variables[0].low = nan; });
  broken([&](auto& p) { p.variables[0].low = 3.0; });
  broken([&](auto& p) {
    p.variables[0].low = kNoBound;
    p.variables[0].high = kNoBound;
  });
  broken([&](auto& p) { p.rows[0].terms[0].coefficient = nan; });
  broken([&](auto& p) { p.rows[0].terms[0].coefficient = 0.0; });
  broken([&](auto& p) { p.rows[0].terms[1].variable = 0; });
  broken([&](auto& p) { p.objective[0].variable = 7; });
  broken([&](auto& p) { p.offset = kNoBound; });
  broken([&](auto& p) { p.add_indicator(0, false, {{{2, 1.0}}, 0.0, 1.0, ""}); });
  broken([&](auto& p) { p.add_indicator(9, false, {{{2, 1.0}}, 0.0, 1.0, ""}); });
  MixedIntegerProgram fine = toy();
  fine.add_indicator(1, true, {{{2, 1.0}}, 0.0, 1.0, ""});
  CHECK_NOTHROW(fine.validate());
}

TEST_CASE("The wire format: what was written is read") {
  Random random(3);
  for (int round = 0; round < 200; ++round) {
    const std::uint64_t number = static_cast<std::uint64_t>(random.below(1 << 20))
                                 << random.below(44);
    const double value = random.normal();
    wire::Writer out;
    out.field_varint(3, number);
    out.field_number(17, value);
    out.field_bytes(200, "content");
    wire::Reader in(out.bytes());
    CHECK(in.next()->varint == number);
    CHECK(in.next()->as_double() == value);
    const auto last = in.next();
    CHECK(last->number == 200);
    CHECK(last->content == "content");
    CHECK_FALSE(in.next());
    for (std::size_t size = out.bytes().size() - 1; size > out.bytes().size() - 8; --size) {
      wire::Reader cut(std::string_view(out.bytes()).substr(0, size));
      (void)cut.next();
      (void)cut.next();
      CHECK_THROWS_AS((void)cut.next(), SolverError);
    }
  }
}

TEST_CASE("A library that is not there, or another one") {
  CHECK_THROWS_AS(OrtoolsLibrary(""), MissingLibrary);
  CHECK_THROWS_AS(OrtoolsLibrary("/no/such/library.so"), MissingLibrary);
}
