/**
 * What answers are described with. Descriptions, never instructions: no answer is written from them, so that describing a
 * route changes no byte of it. That each answer is as described is shown by test/contract.
 *
 * A schema with a `title` stands once in a document, under that name; everywhere else is a reference to it.
 */
import { type TProperties, type TSchema, Type } from "typebox";

/** An object with exactly these members, all of them always there unless they are marked as optional. */
export function object<P extends TProperties>(members: P, description?: string) {
  return Type.Object(members, description === undefined ? {} : { description });
}

/** An object that several answers have, or that is worth a name. */
export function named<P extends TProperties>(title: string, description: string, members: P) {
  return Type.Object(members, { title, description });
}

/** An object that has no members. */
export function nothing(description: string) {
  return Type.Unsafe<Readonly<Record<string, never>>>({ type: "object", properties: {}, description });
}

/** A list; what is in it and in which order. */
export function list<S extends TSchema>(items: S, description?: string) {
  return Type.Array(items, description === undefined ? {} : { description });
}

/** An object whose members are named by what happened. */
export function map<S extends TSchema>(members: S, description: string) {
  return Type.Record(Type.String(), members, { description });
}

/** Something, or null; the description says when it is null. */
export function nullable<S extends TSchema>(schema: S) {
  return Type.Union([schema, Type.Null()]);
}

export function text(description?: string) {
  return Type.String(description === undefined ? {} : { description });
}

export function flag(description: string) {
  return Type.Boolean({ description });
}

/** Any number. */
export function quantity(description?: string) {
  return Type.Number(description === undefined ? {} : { description });
}

/** A whole number from 0 on. */
export function count(description: string) {
  return Type.Integer({ minimum: 0, description });
}

/** A point in time, usually the open time of a candle. */
export function unixSeconds(description: string) {
  return Type.Integer({ minimum: 0, description: `${description} Unix seconds.` });
}

/** A point in time that is no candle's. */
export function unixMilliseconds(description: string) {
  return Type.Integer({ minimum: 0, description: `${description} Unix milliseconds.` });
}

/** One of a few texts or numbers. */
export function oneOf<const V extends string | number>(values: readonly V[], description?: string) {
  const type = typeof values[0] === "number" ? "number" : "string";
  return Type.Unsafe<V>({ type, enum: values, ...(description === undefined ? {} : { description }) });
}

/** One value and no other. */
export function always<const V extends string | number | boolean>(value: V, description?: string) {
  return Type.Literal(value, description === undefined ? {} : { description });
}

export const SCHEMA_VERSION = always(1, "Of the form of this answer.");

export const SERIES_ID = text("The series: `<exchange>:<market>:<symbol>:<timeframe>`.");

export const DONE = always(true, "The request was carried out.");

/** The text that identifies a candle across answers. */
export const CANDLE_ID = text("`<series_id>:<candle_time>`.");
