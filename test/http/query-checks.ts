/** The validation of query parameters, asked of a route for each bound that it has. */
import { expect } from "vitest";
import type { TestDaemon } from "../support/daemon.js";
import { problems } from "./problems.js";
import { call } from "./request.js";

export interface IntegerParameter {
  readonly name: string;
  readonly min: number;
  readonly max?: number;
  readonly required?: boolean;
}

/** Every read of the ledgers has a series id, and integers. Nothing may be stored yet. */
export async function expectQueryIsChecked(
  daemon: TestDaemon,
  path: string,
  parameters: readonly IntegerParameter[],
): Promise<void> {
  const url = (values: Readonly<Record<string, string>>): string => `${path}?${new URLSearchParams(values)}`;
  const good: Record<string, string> = { series_id: "binance:spot:BTC/USDT:1m" };
  for (const { name, required, min } of parameters) if (required === true) good[name] = String(min);
  const { series_id: _, ...withoutSeries } = good;
  const expectProblem = async (values: Readonly<Record<string, string>>, problem: object): Promise<void> => {
    expect(await problems(daemon, url(values)), url(values)).toEqual([problem]);
  };
  const missing = (name: string) => ({ type: "missing", loc: ["query", name], msg: "Field required", input: null });
  await expectProblem(withoutSeries, missing("series_id"));
  await expectProblem(
    { ...good, series_id: "" },
    {
      type: "string_too_short",
      loc: ["query", "series_id"],
      msg: "String should have at least 1 character",
      input: "",
      ctx: { min_length: 1 },
    },
  );
  for (const parameter of parameters) {
    const { name, min, max, required } = parameter;
    const { [name]: __, ...without } = good;
    if (required === true) await expectProblem(without, missing(name));
    else expect((await call(daemon.url, url(without))).status, name).not.toBe(422);
    for (const [input, problem] of wrongIntegers(parameter)) await expectProblem({ ...good, [name]: input }, problem);
    for (const bound of [min, max ?? Number.MAX_SAFE_INTEGER, `${min}.0`]) {
      const answer = await call(daemon.url, url({ ...good, [name]: String(bound) }));
      expect([200, 404], `${name}=${bound}: ${answer.text}`).toContain(answer.status);
    }
  }
}

function wrongIntegers({ name, min, max }: IntegerParameter): readonly (readonly [input: string, problem: object])[] {
  const loc = ["query", name];
  const parsing = (input: string) => {
    const msg = "Input should be a valid integer, unable to parse string as an integer";
    return [input, { type: "int_parsing", loc, msg, input }] as const;
  };
  const below = String(min - 1);
  const above = String((max ?? 0) + 1);
  const size = "Unable to parse input string as an integer, exceeded maximum size";
  return [
    ...["", "x", "1.5", "0x10", "null"].map(parsing),
    ["9007199254740993", { type: "int_parsing_size", loc, msg: size, input: "9007199254740993" }],
    [
      below,
      {
        type: "greater_than_equal",
        loc,
        msg: `Input should be greater than or equal to ${min}`,
        input: below,
        ctx: { ge: min },
      },
    ],
    ...(max === undefined
      ? []
      : [
          [
            above,
            {
              type: "less_than_equal",
              loc,
              msg: `Input should be less than or equal to ${max}`,
              input: above,
              ctx: { le: max },
            },
          ] as const,
        ]),
  ];
}
