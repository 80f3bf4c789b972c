import { defineConfig } from "vite";

// What is built goes into the Python package. TensorBoard's page imports ./index.js, so that name is fixed; the rest
// carries its content's hash. Nothing inline and no blob: the page's content security policy allows files only.
export default defineConfig({
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    outDir: "../tb_aml_plugin/static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    rollupOptions: {
      input: "src/main.ts",
      preserveEntrySignatures: "strict",
      output: {
        entryFileNames: "index.js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
});
