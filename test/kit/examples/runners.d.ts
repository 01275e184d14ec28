// As much of Bun's and Deno's test runners as our examples use.

declare module "bun:test" {
  export function test(title: string, run: () => Promise<void>): void;
  export function it(title: string, run: () => Promise<void>): void;
  export function describe(title: string, declare: () => void): void;
  export function expect(actual: unknown): { toBe(expected: unknown): void; toEqual(expected: unknown): void };
}

declare namespace Deno {
  function test(title: string, run: () => Promise<void>): void;
}
