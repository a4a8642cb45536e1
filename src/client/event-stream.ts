/** Server-sent events, read from the body of an answer. */
import { ClientError } from "./errors.js";
import type { PlatformAnswer } from "./platform.js";

/** Longest event that is waited for, in characters. */
const MAX_EVENT_CHARS = 1024 * 1024;

/** The data of each event, parsed. Comments, and events without data, are passed over. @throws ClientError. */
export async function* eventData<Data>(answer: PlatformAnswer): AsyncGenerator<Data> {
  const reader = answer.body?.getReader();
  if (reader === undefined) throw new ClientError("not_understood", "the stream of events has no body");
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      if (text.length > MAX_EVENT_CHARS) {
        throw new ClientError("not_understood", `an event is longer than ${MAX_EVENT_CHARS} characters`);
      }
      for (const block of blocks) {
        const data = /^data: ?(.*)$/m.exec(block)?.[1];
        if (data !== undefined) yield parsed(data) as Data;
      }
    }
  } finally {
    // What ends the connection may have come first: then there is nothing to be ended.
    await reader.cancel().catch(() => undefined);
  }
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw new ClientError("not_understood", "the data of an event is no JSON", { cause });
  }
}
