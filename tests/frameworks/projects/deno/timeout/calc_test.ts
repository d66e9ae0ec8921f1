Deno.test("is quick", () => {});
Deno.test("hangs", () => new Promise((resolve) => setTimeout(resolve, 600000)));
