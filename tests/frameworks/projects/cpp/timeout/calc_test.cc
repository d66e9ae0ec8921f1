#include "calc.h"

#include <gtest/gtest.h>
#include <unistd.h>

TEST(Calc, Adds) { EXPECT_EQ(add(2, 2), 4); }
TEST(Calc, Hangs) { sleep(600); }
