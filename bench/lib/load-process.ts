/** A process that makes load, and does what its parent says, one thing at a time. */
import { flood } from "../../test/support/load/flood.js";
import { Followers, type FollowersOptions } from "../../test/support/load/followers.js";
import { Stuck } from "../../test/support/load/stuck.js";

/** What a parent may say; each is answered with what comes of it. */
export type LoadOrder =
  | { readonly do: "follow"; readonly options: FollowersOptions }
  | { readonly do: "arrivals"; readonly time: number }
  | { readonly do: "report" }
  | { readonly do: "stick"; readonly url: string; readonly series: string; readonly count: number }
  | { readonly do: "unstick" }
  | { readonly do: "flood"; readonly url: string; readonly times: number; readonly atATime: number };

let followers: Followers | undefined;
let stuck: Stuck | undefined;

async function obey(order: LoadOrder): Promise<unknown> {
  switch (order.do) {
    case "follow":
      followers = new Followers(order.options);
      return followers.connect();
    case "arrivals":
      return followers?.arrivals(order.time);
    case "report":
      return followers?.report();
    case "stick":
      stuck = new Stuck(order.url, order.series);
      return stuck.begin(order.count);
    case "unstick": {
      const hungUpOn = stuck?.hungUpOn;
      stuck?.end();
      return hungUpOn;
    }
    case "flood":
      return flood(order.url, order.times, order.atATime);
  }
}

process.on("message", (order: LoadOrder) => {
  obey(order).then(
    (value) => process.send?.({ value }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => process.exit());
