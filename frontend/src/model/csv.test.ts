import { expect, it } from "vitest";
import { csv } from "./csv";

it("quotes what needs quotes, and only that", () => {
  expect(csv([["a", "b,c", 'say "hi"', "two\nlines", null, 1.5]])).toBe('a,"b,c","say ""hi""","two\nlines",,1.5\r\n');
});

it("keeps a text that a spreadsheet would run a text", () => {
  expect(csv([["=1+1", "@x", "+1", "-1.5", "-cmd", "-Infinity"]])).toBe("'=1+1,'@x,'+1,-1.5,'-cmd,-Infinity\r\n");
});
