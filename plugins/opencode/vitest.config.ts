import { defineConfig } from "vitest/config";

export default defineConfig({
  // The bundle's first lines define these.
  define: { INSTALLED_COMMAND: '""', INSTALLED_DATABASE: '""' },
  test: { include: ["test/**/*.test.ts"], testTimeout: 20_000 },
});
