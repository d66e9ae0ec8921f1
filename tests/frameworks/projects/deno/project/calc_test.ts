import { add, subtract } from "./calc.ts";

function same(found: number, wanted: number) {
  if (found !== wanted) throw new Error(`${found}, not ${wanted}`);
}

Deno.test("adds", () => same(add(1, 2), 3));
Deno.test("with steps", async (test) => {
  await test.step("subtracts", () => same(subtract(3, 1), 2));
});
Deno.test.ignore("divides", () => {});
