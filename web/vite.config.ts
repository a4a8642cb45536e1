import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** Where the daemon looks for the page: `src/http/live-files.ts`. */
const OUT = fileURLToPath(new URL("../dist/web", import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "/live/",
  publicDir: false,
  logLevel: "warn",
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2022",
    // The page's content security policy allows no data: addresses but for pictures.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
